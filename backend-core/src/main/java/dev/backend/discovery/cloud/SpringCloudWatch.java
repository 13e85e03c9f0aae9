package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryHealth;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.WatchedDiscovery;
import dev.backend.execution.Backoff;
import dev.backend.execution.Backoff.Jitter;
import dev.backend.settings.RetryDelays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a view of what a discovery client says, from the first subscriber to the last.
 *
 * <p>
 * All state but the health belongs to the thread of {@link #loop}, which never waits.
 * There is never more than one read; {@link CloudReader} gives each question of it only
 * so much time. A service that cannot be read is told of at once and keeps its last view,
 * the others go on. Wake-ups are collected: one that comes during a read causes one more
 * read after it.
 */
final class SpringCloudWatch implements WatchedDiscovery.Watch {

	private static final Logger logger = LoggerFactory.getLogger(SpringCloudWatch.class);

	/** Between a read and the next, however many events come. */
	private static final Duration PAUSE = Duration.ofMillis(100);

	private static final RetryDelays RETRY = new RetryDelays(Duration.ofMillis(500), Duration.ofSeconds(2));

	private final SpringCloudDiscoverySettings settings;

	private final String source;

	private final CloudReader reader;

	private final DiscoveryHealth health;

	private final CloudInstanceTable table;

	private final CloudViews views;

	private final Backoff backoff = new Backoff(Jitter.HALF);

	private final DiscoveryLoop loop = new DiscoveryLoop("backend-cloud-watch");

	private final SnapshotPublisher publisher = new SnapshotPublisher("backend-cloud-publish");

	private @Nullable ScheduledFuture<?> nextRead;

	private boolean reading;

	/** Whether there was a reason to read since the read under way began. */
	private boolean wanted;

	/** Whether the last snapshot had instances. */
	private boolean knowsInstances;

	/** Whether nothing could be read last. */
	private boolean away;

	/** When the registry was last back after it had been away. */
	private @Nullable Long backAt;

	private SpringCloudWatch(CloudClient client, String source, SpringCloudDiscoverySettings settings) {
		this.settings = settings;
		this.source = source;
		this.reader = new CloudReader(client, settings.serviceNames(), settings.responseTimeout());
		this.health = new DiscoveryHealth(source);
		this.table = new CloudInstanceTable(source, settings.maximumInstances());
		this.views = new CloudViews(settings.confirmationDelay());
	}

	static SpringCloudWatch start(CloudClient client, String source, SpringCloudDiscoverySettings settings) {
		SpringCloudWatch watch = new SpringCloudWatch(client, source, settings);
		watch.wake();
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

	/** Something may have changed. Any thread; returns at once. */
	void wake() {
		onLoop(() -> {
			this.wanted = true;
			ScheduledFuture<?> next = this.nextRead;
			if (next == null) {
				schedule(Duration.ZERO);
			}
			else if (!this.reading && next.getDelay(TimeUnit.NANOSECONDS) > PAUSE.toNanos()) {
				schedule(PAUSE);
			}
		});
	}

	/** Also interrupts a read under way. */
	@Override
	public void stop() {
		this.publisher.close();
		this.loop.shutdownNow();
		this.reader.close();
	}

	private void schedule(Duration delay) {
		cancel(this.nextRead);
		this.nextRead = this.loop.schedule(() -> guarded(this::read), delay.toNanos(), TimeUnit.NANOSECONDS);
	}

	private void read() {
		this.reading = true;
		this.wanted = false;
		long began = System.nanoTime();
		this.reader.read((failure) -> onLoop(() -> down(failure)))
			.subscribe((answer) -> onLoop(() -> answered(answer, began)),
					(failure) -> onLoop(() -> failed(CloudFailure.of(failure))));
	}

	private void answered(CloudAnswer answer, long began) {
		CloudFailure failure = answer.failures().values().stream().findFirst().orElse(null);
		if (failure != null && answer.isFailure()) {
			failed(failure);
		}
		else if (answer.listsNothing() && this.knowsInstances) {
			failed(new CloudFailure("lists no service any more, which is how some clients answer an error"));
		}
		else {
			publish(answer, failure, began);
			if (failure == null) {
				this.backoff.reset();
			}
			ended((failure != null) ? this.backoff.next(RETRY.initial(), RETRY.maximum())
					: jittered(this.settings.pollInterval()));
		}
	}

	private void publish(CloudAnswer answer, @Nullable CloudFailure failure, long began) {
		this.views.update(answer, began);
		if (this.away || this.views.recovered()) {
			this.backAt = System.nanoTime();
		}
		this.away = false;
		List<DiscoveredInstance> instances = this.table.update(this.views.contents());
		this.knowsInstances = !instances.isEmpty();
		if (failure == null) {
			this.health.up(instances.size(), this.table.rejected(),
					answer.listsNothing() ? "lists no service (expected: at least one)" : null);
		}
		else {
			this.health.read(instances.size(), this.table.rejected());
			this.health.down(reason(failure, answer.failures().size()));
		}
		this.publisher.publish(new DiscoverySnapshot(instances, began, this.views.oldestReadAt(began), recovering()));
	}

	private static String reason(CloudFailure failure, int number) {
		return (number == 1) ? failure.getMessage() + "; its last view stays"
				: "%s (and %d more); their last views stay".formatted(failure.getMessage(), number - 1);
	}

	/** Whether services may not have registered again yet, or are not seen again yet. */
	private boolean recovering() {
		return this.backAt != null && System.nanoTime() - this.backAt < this.settings.confirmationDelay().toNanos();
	}

	private void failed(CloudFailure failure) {
		down(failure);
		this.away = true;
		this.wanted = false;
		ended(this.backoff.next(RETRY.initial(), RETRY.maximum()));
	}

	private void down(CloudFailure failure) {
		this.health.down(String.valueOf(failure.getMessage()));
		logger.debug("{}: the client failed: {}", this.source, failure.getMessage());
	}

	private void ended(Duration untilNext) {
		this.reading = false;
		schedule(this.wanted ? PAUSE : untilNext);
	}

	private void onLoop(Runnable task) {
		this.loop.execute(() -> guarded(task));
	}

	/** Whatever is thrown, there is a next read. */
	private void guarded(Runnable task) {
		try {
			task.run();
		}
		catch (Throwable ex) {
			this.reading = false;
			schedule(RETRY.maximum());
			logger.error("{}: reads again in {}", this.source, RETRY.maximum(), ex);
			down(CloudFailure.of(ex));
		}
	}

	/** Up to a tenth earlier, so that a fleet does not ask all at once. */
	private static Duration jittered(Duration interval) {
		long nanos = interval.toNanos();
		return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 10 + 1));
	}

	private static void cancel(@Nullable ScheduledFuture<?> task) {
		if (task != null) {
			task.cancel(false);
		}
	}

}
