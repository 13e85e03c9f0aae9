package dev.backend.discovery.dns;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryHealth;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.FailureText;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.SourceView;
import dev.backend.discovery.WatchedDiscovery;
import dev.backend.execution.Backoff;
import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a view of what DNS says, from the first listener to the last. All state but the
 * health belongs to the loop.
 */
final class DnsWatch implements WatchedDiscovery.Watch {

	/** A record that lives longer must not keep a loss from being believed. */
	private static final long LONGEST_TIME_TO_LIVE = 300;

	/** In seconds, so that any time to live is a duration. */
	private static final long LONGEST_INTERVAL = 86_400;

	private final DnsDiscoverySettings settings;

	private final DiscoveryLoop loop;

	private final Function<DnsService, CompletableFuture<DnsAnswer>> client;

	private final Runnable closeClient;

	private final DiscoveryHealth health;

	private final InstanceTable table;

	private final SnapshotPublisher publisher = new SnapshotPublisher("backend-dns-publish");

	private final List<Reading> readings;

	/** When each service was read last; before its first read, when this began. */
	private final Map<String, Long> readAt = new HashMap<>();

	private DnsWatch(DnsDiscoverySettings settings, DiscoveryLoop loop,
			Function<DnsService, CompletableFuture<DnsAnswer>> client, Runnable closeClient) {
		this.settings = settings;
		this.loop = loop;
		this.client = client;
		this.closeClient = closeClient;
		this.health = new DiscoveryHealth(settings.source(), settings.confirmationDelay(), settings.responseTimeout(),
				loop::nanoTime);
		this.table = new InstanceTable(settings.source(), settings.rules());
		this.readings = settings.services().stream().map(Reading::new).toList();
	}

	static DnsWatch start(DnsDiscoverySettings settings) {
		DnsClient client = new DnsClient(settings);
		return start(settings, new DiscoveryLoop("backend-dns-watch"), client::ask, client::close);
	}

	static DnsWatch start(DnsDiscoverySettings settings, DiscoveryLoop loop,
			Function<DnsService, CompletableFuture<DnsAnswer>> client, Runnable closeClient) {
		DnsWatch watch = new DnsWatch(settings, loop, client, closeClient);
		loop.execute(() -> watch.readings.forEach(Reading::start));
		return watch;
	}

	@Override
	public SnapshotPublisher publisher() {
		return this.publisher;
	}

	@Override
	public DiscoveryHealth health() {
		return this.health;
	}

	@Override
	public void stop() {
		this.publisher.close();
		this.loop.close(this.closeClient);
	}

	@Override
	public void join(Duration timeout) {
		this.loop.join(timeout);
	}

	/** The first time when each service has been read or has failed. */
	private void publish() {
		if (this.readings.stream().allMatch(Reading::tried) && this.readings.stream().anyMatch((one) -> one.read)) {
			this.publisher.publish(new DiscoverySnapshot(new SourceView(this.settings.source(), this.table.instances(),
					this.loop.nanoTime(), this.readAt, this.health.absence(), null)));
			this.health.read(this.table.counts());
		}
	}

	/**
	 * Reads one service again and again. A run asks, or takes what has been answered by
	 * then.
	 */
	private final class Reading implements DiscoveryLoop.Step {

		private final DnsService service;

		private final Backoff backoff = new Backoff(Backoff.Jitter.HALF);

		private DiscoveryLoop.@Nullable Repeated repeated;

		private @Nullable CompletableFuture<DnsAnswer> asked;

		private boolean read;

		private boolean failed;

		/** Until when an answer may be the one that is known, from a cache. */
		private long cachedUntil;

		Reading(DnsService service) {
			this.service = service;
		}

		void start() {
			DnsWatch.this.readAt.put(this.service.name(), DnsWatch.this.loop.nanoTime());
			this.repeated = DnsWatch.this.loop.repeat(this);
		}

		boolean tried() {
			return this.read || this.failed;
		}

		@Override
		public Duration run() {
			CompletableFuture<DnsAnswer> answer = this.asked;
			if (answer == null) {
				return ask();
			}
			this.asked = null;
			if (!answer.isDone()) {
				return failed("no answer for " + DurationText.of(DnsWatch.this.settings.responseTimeout()));
			}
			try {
				return answered(answer.join());
			}
			catch (CompletionException ex) {
				return failed(FailureText.of((ex.getCause() != null) ? ex.getCause() : ex));
			}
		}

		private Duration ask() {
			CompletableFuture<DnsAnswer> answer;
			try {
				answer = DnsWatch.this.client.apply(this.service);
			}
			catch (Throwable ex) {
				answer = CompletableFuture.failedFuture(ex);
			}
			CompletableFuture<DnsAnswer> current = answer;
			this.asked = current;
			current.whenComplete((content, failure) -> DnsWatch.this.loop.execute(() -> wake(current)));
			return DnsWatch.this.settings.responseTimeout();
		}

		private void wake(CompletableFuture<DnsAnswer> answer) {
			if (this.asked == answer && this.repeated != null) {
				this.repeated.wake();
			}
		}

		private Duration answered(DnsAnswer answer) {
			DnsWatch watch = DnsWatch.this;
			String name = this.service.name();
			long now = watch.loop.nanoTime();
			List<DiscoveredInstance> before = watch.table.instances(name);
			watch.table.update(name, answer.entries(), InstanceCounts.NONE);
			if (!this.read || now - this.cachedUntil >= 0 || !before.equals(watch.table.instances(name))) {
				watch.readAt.put(name, now);
				this.cachedUntil = now
						+ Duration.ofSeconds(Math.min(answer.timeToLive(), LONGEST_TIME_TO_LIVE)).toNanos();
			}
			if (this.failed) {
				watch.health.wasAway();
			}
			this.read = true;
			this.failed = false;
			this.backoff.reset();
			watch.publish();
			if (watch.readings.stream().allMatch((one) -> one.read && !one.failed)) {
				watch.health.up();
			}
			return interval(answer.timeToLive());
		}

		private Duration interval(long timeToLive) {
			DnsDiscoverySettings settings = DnsWatch.this.settings;
			Duration wanted = Duration.ofSeconds(Math.min(timeToLive, LONGEST_INTERVAL));
			if (wanted.compareTo(settings.minimumInterval()) < 0) {
				return settings.minimumInterval();
			}
			return (wanted.compareTo(settings.maximumInterval()) > 0) ? settings.maximumInterval() : wanted;
		}

		private Duration failed(String reason) {
			DnsWatch watch = DnsWatch.this;
			this.failed = true;
			if (watch.readings.stream().allMatch((one) -> one.failed)) {
				watch.health.down(this.service.name() + ": " + reason);
			}
			else {
				watch.health.partlyDown(this.service.name() + ": " + reason);
			}
			if (!watch.publisher.hasPublished()) {
				watch.publish();
			}
			return this.backoff.next(watch.settings.retry().initial(), watch.settings.retry().maximum());
		}

	}

}
