package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.backend.discovery.DiscoveryHealth;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.FailureText;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.LeftOut;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.SourceView;
import dev.backend.discovery.WatchedDiscovery;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a view of what one agent says, from the first listener to the last. All state but
 * the health belongs to the one thread of {@link #loop}.
 */
final class ConsulWatch implements WatchedDiscovery.Watch, ServicePollers.Listener {

	/** How long the first snapshot waits for those not read after the last one was. */
	private static final Duration PATIENCE = Duration.ofSeconds(2);

	/** A part of the table that no service is: a name that cannot be asked for. */
	private static final String UNASKABLE = ".";

	private final ConsulDiscoverySettings settings;

	private final ConsulQueries api;

	private final DiscoveryLoop loop;

	private final DiscoveryHealth health;

	private final SnapshotPublisher publisher = new SnapshotPublisher("backend-consul-publish");

	private final InstanceTable table;

	private final ServiceReports reports;

	private final AgentProbe probe;

	private final ChangeCheck changes;

	private final ServicePollers services;

	/** Watches which services there are; {@code null} if that is told by the settings. */
	private final @Nullable Poller<ServiceNames> names;

	private boolean agentUp;

	/** When a service was read last since the agent is up. */
	private @Nullable Long progressAt;

	/** What health was told last. */
	private @Nullable String problem;

	private ConsulWatch(ConsulDiscoverySettings settings, ConsulQueries api, DiscoveryLoop loop) {
		this.settings = settings;
		this.api = api;
		this.loop = loop;
		String source = settings.source();
		this.health = new DiscoveryHealth(source, settings.timings().confirmationDelay(),
				settings.timings().responseTimeout(), loop::nanoTime);
		this.table = new InstanceTable(source, settings.rules());
		this.reports = new ServiceReports(source);
		QueryLoop queries = new QueryLoop(loop);
		this.probe = new AgentProbe(api, settings, queries, this::probed);
		this.changes = new ChangeCheck(api, settings.timings().probeTimeout(), queries, this::verify);
		this.services = new ServicePollers(api, settings, queries, this);
		this.names = settings.serviceNames().isEmpty() ? new Poller<>("the list of services", api::names,
				Poller.newestIndex(api::names), new NamesListener(), settings, queries, new ConcurrencyLimit(1), true)
				: null;
	}

	static ConsulWatch start(ConsulDiscoverySettings settings) {
		return start(settings, new ConsulApi(settings), new DiscoveryLoop("backend-consul-watch"));
	}

	/**
	 * Starts a watch.
	 * @param settings what to watch
	 * @param api what to ask, closed with the watch
	 * @param loop the thread and the time of the watch, closed with it
	 * @return the watch
	 */
	static ConsulWatch start(ConsulDiscoverySettings settings, ConsulQueries api, DiscoveryLoop loop) {
		ConsulWatch watch = new ConsulWatch(settings, api, loop);
		loop.execute(() -> {
			watch.retain(settings.serviceNames().stream().map(ServiceNames::key).toList());
			watch.probe.ask();
		});
		return watch;
	}

	@Override
	public DiscoveryHealth health() {
		return this.health;
	}

	@Override
	public SnapshotPublisher publisher() {
		return this.publisher;
	}

	@Override
	public void stop() {
		this.publisher.close();
		this.loop.close(() -> {
			this.probe.stop();
			abandon();
			this.api.close();
		});
	}

	@Override
	public void join(Duration timeout) {
		this.loop.join(timeout);
	}

	@Override
	public boolean misses(String name, ServiceContent content) {
		return content.misses(this.table.instances(name));
	}

	@Override
	public void answered(String name, ServiceContent content) {
		this.table.update(name, content.entries(), content.others());
		this.reports.read(name, content);
		this.progressAt = this.loop.nanoTime();
		publish();
	}

	/** The agent may be gone: then it is not left to each poll to find that out. */
	@Override
	public void failed(ConsulFailure failure) {
		if (failure.unanswered()) {
			this.probe.ask();
		}
		if (failure.useless() && !this.publisher.hasPublished()) {
			publish();
		}
		judge(true);
	}

	private void probed(@Nullable ConsulFailure failure) {
		if (failure != null) {
			this.agentUp = false;
			this.progressAt = null;
			abandon();
			down(String.valueOf(failure.getMessage()), false);
		}
		else if (!this.agentUp) {
			this.agentUp = true;
			this.services.start();
			if (this.names != null) {
				this.names.start();
			}
		}
		else {
			if (!this.publisher.hasPublished()) {
				publish();
			}
			this.changes.ask();
		}
	}

	/**
	 * Watches these services, as far as that is possible; those watched already first.
	 */
	private void retain(List<String> names) {
		List<String> askable = names.stream().filter(ServiceNames::isAskable).toList();
		int maximum = this.settings.limits().services();
		this.health.warn(Concern.TOO_MANY, (askable.size() <= maximum) ? null
				: "%d services (expected: at most %d); those beyond are left out".formatted(askable.size(), maximum));
		this.health.warn(Concern.UNASKABLE,
				names.stream()
					.filter((name) -> !ServiceNames.isAskable(name))
					.findFirst()
					.map((example) -> "a service is left out, since Consul cannot be asked for a name such as '%s'"
						.formatted(FailureText.printable(example)))
					.orElse(null));
		this.table.update(UNASKABLE, List.of(),
				InstanceCounts.NONE.withLeftOut(LeftOut.UNREADABLE, names.size() - askable.size()));
		Set<String> watched = Stream.concat(askable.stream().filter(this.services::watches), askable.stream())
			.distinct()
			.limit(maximum)
			.collect(Collectors.toCollection(LinkedHashSet::new));
		for (String gone : this.services.retain(watched)) {
			this.table.remove(gone);
			this.reports.removed(gone);
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
		if (!this.publisher.hasPublished() && !isEnoughForTheFirst()) {
			return;
		}
		this.health.read(this.table.counts());
		judge(false);
		long readAt = (this.names != null) ? this.names.readAt() : this.loop.nanoTime();
		this.publisher.publish(new DiscoverySnapshot(new SourceView(this.settings.source(), this.table.instances(),
				readAt, this.services.readTimes(), this.health.absence(), null)));
	}

	/**
	 * A service that cannot be read holds back no other. One that fails by itself, such
	 * as one that is hidden, is not waited for; one that fails for what may pass, or
	 * hangs, is waited for as long as others are being read.
	 */
	private boolean isEnoughForTheFirst() {
		if (!this.agentUp || (this.names != null && !this.names.wasRead())) {
			return false;
		}
		Collection<Poller<ServiceContent>> pollers = this.services.ofServices();
		if (pollers.stream().allMatch(Poller::wasRead)) {
			return true;
		}
		boolean waitedLong = this.progressAt != null && this.loop.nanoTime() - this.progressAt > PATIENCE.toNanos();
		return pollers.stream().anyMatch(Poller::wasRead)
				&& (waitedLong || pollers.stream().allMatch(Poller::wasTried));
	}

	/**
	 * Tells health what is wrong.
	 * @param failed whether something has just failed
	 */
	private void judge(boolean failed) {
		if (!this.agentUp) {
			return;
		}
		String current = problem();
		if (current != null) {
			if (failed || !current.equals(this.problem)) {
				down(current, this.names == null || this.names.failure() == null);
			}
		}
		else if (pollers().allMatch(Poller::isFresh)) {
			this.problem = null;
			this.health.up();
		}
	}

	private void down(String reason, boolean partly) {
		this.problem = reason;
		if (partly) {
			this.health.partlyDown(reason);
		}
		else {
			this.health.down(reason);
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

		TOO_MANY, UNASKABLE

	}

	/**
	 * Watches the services that carry the tag, whatever they are called.
	 */
	private final class NamesListener implements Poller.Listener<ServiceNames> {

		/** Consul's own service, which serves Consul only. */
		private static final String CONSUL = "consul";

		private boolean first = true;

		/** Of what was there before the first answer, a file may know. */
		@Override
		public boolean misses(ServiceNames names) {
			boolean misses = this.first || !names.carrying().containsAll(ConsulWatch.this.services.names());
			this.first = false;
			return misses;
		}

		@Override
		public void answered(ServiceNames names) {
			retain(names.carrying().stream().filter((name) -> !name.equals(CONSUL)).toList());
			publish();
		}

		@Override
		public void failed(ConsulFailure failure) {
			ConsulWatch.this.failed(failure);
		}

	}

}
