package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveryHealth;
import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.LeftOut;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.SourceView;
import dev.backend.discovery.WatchedDiscovery;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Keeps a view of what one agent says, from the first listener to the last. All state but
 * the health belongs to the one thread of {@link #loop}.
 */
final class ConsulWatch implements WatchedDiscovery.Watch, ServicePollers.Listener {

	private final ConsulDiscoverySettings settings;

	private final Scheduler loop = Schedulers.newSingle("backend-consul-watch", true);

	private final CountDownLatch ended = new CountDownLatch(1);

	private final DiscoveryHealth health;

	private final SnapshotPublisher publisher = new SnapshotPublisher("backend-consul-publish");

	private final InstanceTable table;

	private final ConsulApi api;

	private final AgentProbe probe;

	private final ChangeCheck changes;

	private final ServicePollers services;

	/** Watches which services there are; {@code null} if that is told by the settings. */
	private final @Nullable Poller<Map<String, Set<String>>> names;

	private boolean agentUp;

	/** When the agent was last back after it had been away. */
	private @Nullable Long backAt;

	private ConsulWatch(ConsulDiscoverySettings settings) {
		this.settings = settings;
		String source = settings.source();
		this.health = new DiscoveryHealth(source, settings.timings().confirmationDelay(),
				settings.timings().responseTimeout(), System::nanoTime);
		this.table = new InstanceTable(source, settings.limits().instances());
		this.api = new ConsulApi(settings);
		this.probe = new AgentProbe(this.api, settings, this.loop, this::probed);
		this.changes = new ChangeCheck(this.api, settings.timings().probeTimeout(), this.loop, this::verify);
		this.services = new ServicePollers(this.api, settings, this.loop, this);
		this.names = settings.serviceNames().isEmpty()
				? new Poller<>("the list of services", this.api::names, Poller.newestIndex(this.api::names),
						new NamesListener(), settings, this.loop, new ConcurrencyLimit(1), true)
				: null;
	}

	static ConsulWatch start(ConsulDiscoverySettings settings) {
		ConsulWatch watch = new ConsulWatch(settings);
		watch.execute(() -> {
			watch.services.retain(settings.serviceNames());
			watch.probe.ask();
		});
		return watch;
	}

	@Override
	public DiscoveryStatus status() {
		return this.health.status();
	}

	@Override
	public DiscoveryReads reads() {
		return this.health.reads();
	}

	@Override
	public SnapshotPublisher publisher() {
		return this.publisher;
	}

	@Override
	public void stop() {
		this.publisher.close();
		execute(() -> {
			this.probe.stop();
			abandon();
			this.api.close();
			this.loop.dispose();
			this.ended.countDown();
		});
	}

	@Override
	public void join(Duration timeout) {
		try {
			this.ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public boolean misses(String name, ServiceContent content) {
		return content.misses(this.table.get(name));
	}

	@Override
	public void answered(String name, ServiceContent content) {
		this.table.put(name, content);
		publish();
	}

	/** The agent may be gone: then it is not left to each poll to find that out. */
	@Override
	public void failed(ConsulFailure failure) {
		if (failure.unanswered()) {
			this.probe.ask();
		}
		judge();
	}

	private void execute(Runnable task) {
		try {
			this.loop.schedule(task);
		}
		catch (RejectedExecutionException ex) {
			// The watch has ended.
		}
	}

	private void probed(@Nullable ConsulFailure failure) {
		if (failure != null) {
			this.agentUp = false;
			abandon();
			this.health.down(String.valueOf(failure.getMessage()));
		}
		else if (!this.agentUp) {
			this.agentUp = true;
			this.backAt = this.publisher.hasPublished() ? System.nanoTime() : null;
			this.services.start();
			if (this.names != null) {
				this.names.start();
			}
		}
		else {
			this.changes.ask();
		}
	}

	private void verify(boolean changed) {
		this.services.verify(changed);
		if (this.names != null) {
			this.names.verify(changed);
		}
	}

	private void abandon() {
		this.changes.stop();
		this.services.stop();
		if (this.names != null) {
			this.names.stop();
		}
	}

	private void publish() {
		if (!this.publisher.hasPublished() && !pollers().allMatch(Poller::wasRead)) {
			return;
		}
		DiscoverySnapshot snapshot = new DiscoverySnapshot(
				new SourceView(this.settings.source(), this.table.instances(), namesReadAt(), this.services.readTimes(),
						recovering(System.nanoTime()) ? Absence.TO_BE_CONFIRMED : Absence.EVIDENCE, null));
		this.health
			.read(InstanceCounts.of(snapshot.instances().size()).withLeftOut(LeftOut.MALFORMED, this.table.rejected()));
		judge();
		this.publisher.publish(snapshot);
	}

	/** When it was last read that a service is not there at all. */
	private long namesReadAt() {
		Long readAt = (this.names != null) ? this.names.readAt() : null;
		return (readAt != null) ? readAt : System.nanoTime();
	}

	/** What was only registered with the agent comes back one by one. */
	private boolean recovering(long now) {
		return this.backAt != null && now - this.backAt < this.settings.timings().confirmationDelay().toNanos();
	}

	private void judge() {
		if (!this.agentUp) {
			return;
		}
		String problem = problem();
		if (problem != null) {
			this.health.down(problem);
		}
		else if (pollers().allMatch(Poller::isFresh)) {
			this.health.up();
		}
	}

	private @Nullable String problem() {
		if (this.names != null && this.names.failure() != null) {
			return this.names.failure().getMessage();
		}
		List<String> failures = this.services.all().stream().flatMap((poller) -> {
			ConsulFailure failure = poller.failure();
			return (failure != null) ? Stream.of(poller.subject() + ": " + failure.getMessage()) : Stream.empty();
		}).toList();
		return switch (failures.size()) {
			case 0 -> null;
			case 1 -> failures.get(0);
			default -> "%s (and %d more)".formatted(failures.get(0), failures.size() - 1);
		};
	}

	private Stream<Poller<?>> pollers() {
		return Stream.concat(Stream.ofNullable(this.names), this.services.all().stream());
	}

	private enum Concern {

		TOO_MANY

	}

	/**
	 * Watches the services that carry the tag, whatever they are called.
	 */
	private final class NamesListener implements Poller.Listener<Map<String, Set<String>>> {

		/** Consul's own service, which serves Consul only. */
		private static final String CONSUL = "consul";

		@Override
		public boolean misses(Map<String, Set<String>> names) {
			List<String> wanted = wanted(names);
			return ConsulWatch.this.services.names().stream().anyMatch((name) -> !wanted.contains(name));
		}

		@Override
		public void answered(Map<String, Set<String>> names) {
			List<String> wanted = wanted(names);
			int maximum = ConsulWatch.this.settings.limits().services();
			ConsulWatch.this.health.warn(Concern.TOO_MANY,
					(wanted.size() <= maximum) ? null : "%d services (expected: at most %d); those beyond are left out"
						.formatted(wanted.size(), maximum));
			List<String> watched = Stream
				.concat(wanted.stream().filter(ConsulWatch.this.services::watches), wanted.stream())
				.distinct()
				.limit(maximum)
				.toList();
			ConsulWatch.this.services.retain(watched).forEach(ConsulWatch.this.table::remove);
			publish();
		}

		@Override
		public void failed(ConsulFailure failure) {
			ConsulWatch.this.failed(failure);
		}

		private List<String> wanted(Map<String, Set<String>> names) {
			String tag = ConsulWatch.this.settings.tag();
			return names.entrySet()
				.stream()
				.filter((entry) -> !entry.getKey().equals(CONSUL))
				.filter((entry) -> tag == null || entry.getValue().stream().anyMatch(tag::equalsIgnoreCase))
				.map(Map.Entry::getKey)
				.toList();
		}

	}

}
