package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.backend.autoconfigure.discovery.CloudReader.Question;
import dev.backend.discovery.Backoff;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryHealth;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.WatchedDiscovery;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a view of what a discovery client says, from the first subscriber to the last.
 *
 * <p>
 * All state but the health belongs to the thread of {@link #loop}, which never waits. A
 * read runs on a thread of its own, which waits for the client as long as the client
 * likes; there is never more than one read, so a client that hangs holds that one thread.
 * When an answer takes too long, the loop says that the registry is down; what the read
 * finds after all is thrown away and another one begins. Wake-ups are collected: one that
 * comes during a read causes one more read after it.
 */
final class SpringCloudWatch implements WatchedDiscovery.Watch {

	private static final Logger logger = LoggerFactory.getLogger(SpringCloudWatch.class);

	/** Between a read and the next, however many events come. */
	private static final Duration PAUSE = Duration.ofMillis(100);

	private static final Duration FIRST_RETRY = Duration.ofMillis(500);

	private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);

	private final SpringCloudDiscoveryProperties properties;

	private final CloudReader reader;

	private final DiscoveryHealth health;

	private final CloudInstanceTable table;

	private final Backoff backoff = new Backoff(FIRST_RETRY, LONGEST_RETRY);

	private final DiscoveryLoop loop = new DiscoveryLoop("backend-cloud-watch");

	private final SnapshotPublisher publisher = new SnapshotPublisher("backend-cloud-publish");

	private final ExecutorService readThread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS,
			new LinkedBlockingQueue<>(), SpringCloudWatch::daemon, new ThreadPoolExecutor.DiscardPolicy());

	private @Nullable ScheduledFuture<?> nextRead;

	private @Nullable ScheduledFuture<?> timeout;

	private boolean reading;

	/** Whether the read under way has taken too long. */
	private boolean overdue;

	/** Whether there was a reason to read since the read under way began. */
	private boolean wanted;

	/** Whether the last snapshot had instances. */
	private boolean knowsInstances;

	/** When the registry was last back after it had been away. */
	private @Nullable Long backAt;

	private SpringCloudWatch(CloudClient client, String source, SpringCloudDiscoveryProperties properties) {
		this.properties = properties;
		this.reader = new CloudReader(client, properties.services());
		this.health = new DiscoveryHealth(source);
		this.table = new CloudInstanceTable(source, properties.maximumInstances());
	}

	static SpringCloudWatch start(CloudClient client, String source, SpringCloudDiscoveryProperties properties) {
		SpringCloudWatch watch = new SpringCloudWatch(client, source, properties);
		watch.wake();
		return watch;
	}

	@Override
	public DiscoveryStatus status() {
		return this.health.status();
	}

	@Override
	public SnapshotPublisher publisher() {
		return this.publisher;
	}

	/** Something may have changed. Any thread; returns at once. */
	void wake() {
		this.loop.execute(() -> {
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
		this.readThread.shutdownNow();
	}

	private void schedule(Duration delay) {
		cancel(this.nextRead);
		this.nextRead = this.loop.schedule(this::read, delay.toNanos(), TimeUnit.NANOSECONDS);
	}

	private void read() {
		this.reading = true;
		this.overdue = false;
		this.wanted = false;
		long began = System.nanoTime();
		this.readThread.execute(() -> {
			try {
				CloudAnswer answer = this.reader.read();
				this.loop.execute(() -> answered(answer, began));
			}
			catch (Throwable ex) {
				this.loop.execute(() -> failed(CloudFailure.of(ex)));
			}
		});
		checkLater(this.properties.responseTimeout());
	}

	private void checkLater(Duration delay) {
		this.timeout = this.loop.schedule(this::checkTimeout, delay.toNanos(), TimeUnit.NANOSECONDS);
	}

	private void checkTimeout() {
		Question question = this.reader.asking();
		Duration left = (question != null) ? this.properties.responseTimeout().minus(question.waiting())
				: this.properties.responseTimeout();
		if (question == null || left.compareTo(Duration.ZERO) > 0) {
			checkLater(left);
		}
		else {
			this.overdue = true;
			this.health.down("%s: no answer for %d ms".formatted(question.what(), question.waiting().toMillis()));
		}
	}

	private void answered(CloudAnswer answer, long began) {
		if (this.overdue) {
			ended(this.backoff.next());
			return;
		}
		if (answer.listsNothing() && this.knowsInstances) {
			failed(new CloudFailure("lists no service any more, which is how some clients answer an error"));
			return;
		}
		try {
			publish(answer, began);
		}
		catch (RuntimeException | LinkageError ex) {
			// Instances are the client's objects: whatever they throw, the watch goes on.
			failed(CloudFailure.of(ex));
			return;
		}
		this.backoff.reset();
		ended(jittered(this.properties.pollInterval()));
	}

	private void publish(CloudAnswer answer, long began) {
		if (this.health.isDown()) {
			this.backAt = System.nanoTime();
		}
		List<DiscoveredInstance> instances = this.table.update(answer.services());
		this.knowsInstances = !instances.isEmpty();
		this.health.up(instances.size(), this.table.rejected(),
				answer.listsNothing() ? "lists no service (expected: at least one)" : null);
		this.publisher.publish(new DiscoverySnapshot(instances, began, began, recovering()));
	}

	/** Whether services may not have registered again yet, or are not seen again yet. */
	private boolean recovering() {
		return this.backAt != null && System.nanoTime() - this.backAt < this.properties.confirmationDelay().toNanos();
	}

	private void failed(CloudFailure failure) {
		this.health.down(String.valueOf(failure.getMessage()));
		logger.debug("The discovery client failed: {}", failure.getMessage());
		this.wanted = false;
		ended(this.backoff.next());
	}

	private void ended(Duration untilNext) {
		this.reading = false;
		cancel(this.timeout);
		schedule(this.wanted ? PAUSE : untilNext);
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

	private static Thread daemon(Runnable task) {
		Thread thread = new Thread(task, "backend-cloud-read");
		thread.setDaemon(true);
		return thread;
	}

}
