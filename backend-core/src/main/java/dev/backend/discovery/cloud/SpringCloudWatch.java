package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import dev.backend.discovery.DiscoveryHealth;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.SourceView;
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
 * and the time of its last read; the others go on. Wake-ups are collected: one that comes
 * during a read causes one more read after it. Whatever a step throws, there is a next
 * read.
 */
final class SpringCloudWatch implements WatchedDiscovery.Watch {

	private static final Logger logger = LoggerFactory.getLogger(SpringCloudWatch.class);

	/** Between a read and the next, however many events come. */
	private static final Duration PAUSE = Duration.ofMillis(100);

	private static final RetryDelays RETRY = new RetryDelays(Duration.ofMillis(500), Duration.ofSeconds(2));

	private final String source;

	private final Duration pollInterval;

	private final boolean watchesAll;

	private final int maximumServices;

	private final CloudReader reader;

	private final DiscoveryLoop loop;

	private final DiscoveryHealth health;

	private final InstanceTable table;

	private Map<String, ServiceRead> services = Map.of();

	private final Backoff backoff = new Backoff(Jitter.HALF);

	private final SnapshotPublisher publisher = new SnapshotPublisher("backend-cloud-publish");

	private @Nullable ScheduledFuture<?> nextRead;

	private boolean reading;

	/** Whether there was a reason to read since the read under way began. */
	private boolean wanted;

	/**
	 * Creates a watch, which begins when it is {@linkplain #wake() woken}.
	 * @param source what is watched, for people
	 * @param reader reads it; closed with this watch
	 * @param loop the thread of this watch, and its time; closed with this watch
	 * @param settings when to read, and what to take
	 */
	SpringCloudWatch(String source, CloudReader reader, DiscoveryLoop loop, SpringCloudDiscoverySettings settings) {
		this.source = source;
		this.pollInterval = settings.pollInterval();
		this.watchesAll = settings.serviceNames().isEmpty();
		this.maximumServices = settings.maximumServices();
		this.reader = reader;
		this.loop = loop;
		this.health = new DiscoveryHealth(source, settings.confirmationDelay(), settings.responseTimeout(),
				loop::nanoTime);
		this.table = new InstanceTable(source, settings.rules());
	}

	@Override
	public DiscoveryHealth health() {
		return this.health;
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
		this.loop.close(this.reader::close);
	}

	@Override
	public void join(Duration timeout) {
		this.loop.join(timeout);
	}

	private void schedule(Duration delay) {
		ScheduledFuture<?> next = this.nextRead;
		if (next != null) {
			next.cancel(false);
		}
		this.nextRead = this.loop.schedule(() -> goOn(this::read), delay);
	}

	/** Takes a step of the chain of reads, which must not end with it. */
	private void goOn(Runnable step) {
		try {
			step.run();
		}
		catch (Throwable ex) {
			logger.error("{}: a read failed within", this.source, ex);
			ended(RETRY.maximum());
			this.health.down(CloudFailure.of(ex).text());
		}
	}

	private void read() {
		this.reading = true;
		this.wanted = false;
		long began = this.loop.nanoTime();
		this.reader.read((failure) -> this.loop.execute(() -> failing(failure)))
			.subscribe((answer) -> this.loop.execute(() -> goOn(() -> answered(answer, began))),
					(failure) -> this.loop.execute(() -> goOn(() -> failed(CloudFailure.of(failure)))));
	}

	/** The read goes on; at its end, the status says what is left. */
	private void failing(CloudFailure failure) {
		if (this.reading && this.health.status().state() != State.DOWN) {
			this.health.partlyDown(failure.text());
		}
	}

	private void answered(CloudAnswer answer, long began) {
		CloudFailure failure = answer.failures().values().stream().findFirst().orElse(null);
		if (failure != null && answer.isFailure()) {
			failed(failure);
		}
		else if (answer.listsNothing() && !this.table.instances().isEmpty()) {
			failed(new CloudFailure("lists no service any more, which is how some clients answer an error"));
		}
		else {
			take(answer, began);
			publish(answer, failure, began);
			if (failure == null) {
				this.backoff.reset();
			}
			ended((failure != null) ? this.backoff.next(RETRY.initial(), RETRY.maximum())
					: jittered(this.pollInterval));
		}
	}

	private void take(CloudAnswer answer, long began) {
		Map<String, ServiceRead> before = this.services;
		Map<String, ServiceRead> now = new HashMap<>();
		answer.services().forEach((name, content) -> now.put(name, new ServiceRead(content, began)));
		// Of one that was never read, others may know.
		answer.failures()
			.keySet()
			.forEach((name) -> now.put(name, before.getOrDefault(name, new ServiceRead(CloudContent.NONE, began))));
		before.forEach((name, read) -> {
			if (doubtful(now.get(name), read.content())) {
				this.health.wasAway();
			}
			if (!now.containsKey(name)) {
				this.table.remove(name);
			}
		});
		answer.services().forEach((name, content) -> this.table.update(name, content.entries(), content.more()));
		this.services = now;
	}

	/**
	 * Whether a registry may not know all of a service. Some clients answer an error with
	 * an empty list; and one that has lost what it knew begins with what registers again.
	 */
	private static boolean doubtful(@Nullable ServiceRead now, CloudContent before) {
		boolean empty = now == null || now.content().isEmpty();
		return (empty && !before.isEmpty()) || (now != null && now.content().registeredAgain(before));
	}

	private Map<String, Long> readTimes() {
		Map<String, Long> times = new HashMap<>();
		this.services.forEach((name, read) -> times.put(name, read.readAt()));
		return times;
	}

	private void publish(CloudAnswer answer, @Nullable CloudFailure failure, long began) {
		this.health.read(this.table.counts());
		this.health.warn(Concern.EMPTY, answer.listsNothing() ? "lists no service (expected: at least one)" : null);
		this.health.warn(Concern.SERVICES,
				(this.watchesAll && answer.listed() > this.maximumServices)
						? "lists %d services (expected: at most %d); those beyond are left out"
							.formatted(answer.listed(), this.maximumServices)
						: null);
		if (failure == null) {
			this.health.up();
		}
		else {
			this.health.partlyDown(reason(failure, answer.failures().size()));
		}
		this.publisher.publish(new DiscoverySnapshot(
				new SourceView(this.source, this.table.instances(), began, readTimes(), this.health.absence(), null)));
	}

	private static String reason(CloudFailure failure, int number) {
		return (number == 1) ? failure.text() + "; its last view stays"
				: "%s (and %d more); their last views stay".formatted(failure.text(), number - 1);
	}

	private void failed(CloudFailure failure) {
		down(failure.text());
		this.wanted = false;
		ended(this.backoff.next(RETRY.initial(), RETRY.maximum()));
	}

	private void down(String reason) {
		this.health.down(reason);
		logger.debug("{}: the client failed: {}", this.source, reason);
	}

	private void ended(Duration untilNext) {
		this.reading = false;
		schedule(this.wanted ? PAUSE : untilNext);
	}

	/** Up to a tenth earlier, so that a fleet does not ask all at once. */
	private static Duration jittered(Duration interval) {
		long nanos = interval.toNanos();
		return Duration.ofNanos(nanos - ThreadLocalRandom.current().nextLong(nanos / 10 + 1));
	}

	/**
	 * The last good content of a service.
	 *
	 * @param content the content
	 * @param readAt when it was read; of one that never was, when that first failed
	 */
	private record ServiceRead(CloudContent content, long readAt) {
	}

	/** What is wrong although the client answers. */
	private enum Concern {

		EMPTY,

		SERVICES

	}

}
