package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveryHealth;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.SourceView;
import dev.backend.discovery.WatchedDiscovery;
import dev.backend.discovery.redis.RegistryScripts.LiveMembers;
import dev.backend.execution.Backoff;
import dev.backend.execution.Backoff.Jitter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Keeps a view of one registry key, from its first subscriber to its last.
 *
 * <p>
 * One loop does all that waits for Redis: it reads on any message of the channel, at
 * every subscription to it, when a lost connection is back, and when the read interval is
 * over; in between it only probes whether it could read. Wake-ups are collected: a read
 * that begins after a message sees what the message told of, so a burst needs one read.
 * The first is read at once; the next one waits {@value #REST} times as long as the last
 * one took, at most half a second, so that churn in a large registry costs a part of a
 * processor only.
 *
 * <p>
 * A failure leaves the last snapshot as it is. The connection and the subscription are
 * thrown away, the loop tries again with a back-off of at most a second, and the first
 * read that succeeds is followed by a new subscription and another read: nothing depends
 * on when the client would have reconnected by itself. While the channel cannot be
 * subscribed to, or an expiry proves nothing (see {@link ExpiryEvidence}), the key is
 * read every second.
 */
final class RedisWatch implements WatchedDiscovery.Watch {

	private static final Logger logger = LoggerFactory.getLogger(RedisWatch.class);

	private static final long REST = 20;

	private static final long SHORTEST_PAUSE = Duration.ofMillis(20).toNanos();

	private static final long LONGEST_PAUSE = Duration.ofMillis(500).toNanos();

	private final RedisRegistrySettings settings;

	private final RegistryKeys keys;

	private final RegistryConnection connection;

	private final RegistryScripts scripts;

	private final DiscoveryHealth health;

	private final ExpiryEvidence evidence;

	private final SnapshotPublisher publisher;

	private final InstanceTable table;

	private final MemberEntries entries;

	private final Backoff backoff;

	private final Backoff subscriptionBackoff;

	private final DiscoveryLoop loop;

	private final DiscoveryLoop checkLoop;

	private final ElectedChecker checker;

	private volatile DiscoveryLoop.@Nullable Repeated reading;

	private volatile DiscoveryLoop.@Nullable Repeated checking;

	private volatile boolean readWanted = true;

	private long lastRead;

	private long nextRead;

	private long nextSubscription;

	private @Nullable ChannelSubscription subscription;

	/**
	 * Creates a watch, which {@link #start()} starts.
	 * @param factory the way to Redis
	 * @param settings the key and how to watch it
	 * @param loop reads; its time is that of this watch
	 * @param checkLoop checks for expired entries, so that a check never delays a read
	 */
	RedisWatch(RedisConnectionFactory factory, RedisRegistrySettings settings, DiscoveryLoop loop,
			DiscoveryLoop checkLoop) {
		this.settings = settings;
		this.loop = loop;
		this.checkLoop = checkLoop;
		this.keys = settings.layout().keys(settings.key());
		this.connection = RegistryConnection.open(factory, settings, this::reconnected);
		this.scripts = new RegistryScripts(this.connection.factory(), settings);
		this.health = new DiscoveryHealth(settings.source(), settings.timings().expiry(),
				settings.timings().responseTimeout().plusSeconds(1), loop::nanoTime);
		this.evidence = new ExpiryEvidence(settings, loop::nanoTime, this::wantRead);
		this.publisher = new SnapshotPublisher("backend-redis-" + settings.key() + "-publish");
		this.table = new InstanceTable(settings.source(), settings.rules());
		this.entries = new MemberEntries(settings, this.table);
		this.backoff = new Backoff(Jitter.HALF);
		this.subscriptionBackoff = new Backoff(Jitter.HALF);
		this.checker = new ElectedChecker(settings, this.scripts, this.health, this.evidence);
		this.lastRead = loop.nanoTime();
		this.nextRead = this.lastRead;
		this.nextSubscription = this.lastRead;
	}

	static RedisWatch start(RedisConnectionFactory factory, RedisRegistrySettings settings) {
		RedisWatch watch = new RedisWatch(factory, settings,
				new DiscoveryLoop("backend-redis-" + settings.key() + "-watch"),
				new DiscoveryLoop("backend-redis-" + settings.key() + "-check"));
		watch.start();
		return watch;
	}

	void start() {
		this.loop.execute(() -> {
			this.reading = this.loop.repeat(this::run);
			if (this.settings.checker().enabled()) {
				this.checking = this.checkLoop.repeat(this.checker::run);
			}
		});
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
		this.checkLoop.close(() -> {
		});
		this.loop.close(this::release);
	}

	@Override
	public void join(Duration timeout) {
		this.loop.join(timeout);
	}

	private void wantRead() {
		this.readWanted = true;
		wake(this.reading);
	}

	private static void wake(DiscoveryLoop.@Nullable Repeated repeated) {
		if (repeated != null) {
			repeated.wake();
		}
	}

	/** By the contract a writer tells after it has written the list of who is live. */
	private void told() {
		this.evidence.looked();
		wantRead();
	}

	/** Those whose heartbeat was due meanwhile come back one by one. */
	private void reconnected() {
		this.health.wasAway();
		wantRead();
	}

	private Duration run() {
		int generation = this.connection.generation();
		try {
			Duration pause = pause();
			if (pause.isZero()) {
				readOrProbe();
				subscribe();
				this.backoff.reset();
				return untilNextRun();
			}
			return pause;
		}
		catch (Throwable ex) {
			return failed(ex, generation);
		}
	}

	/** How long a wanted read has to wait, because the last one was only just now. */
	private Duration pause() {
		long nanos = this.nextRead - this.loop.nanoTime();
		return (this.publisher.hasPublished() && this.readWanted && nanos > 0) ? Duration.ofNanos(nanos)
				: Duration.ZERO;
	}

	private void readOrProbe() {
		boolean wasUp = this.health.isUp();
		boolean read = this.readWanted || !wasUp || this.evidence.doubts() || !sinceLastReadLessThan(readInterval());
		this.readWanted = false;
		this.health.asked();
		if (read || nobodyWrites()) {
			read();
		}
		this.health.up();
		if (!wasUp || this.evidence.doubts()) {
			wake(this.checking);
		}
	}

	/** Then what has expired may prove nothing, which only a read can tell. */
	private boolean nobodyWrites() {
		LiveMembers answer = this.scripts.probe();
		noteOverdue(answer);
		return answer.fresh() == 0;
	}

	private void read() {
		boolean foreign = this.scripts.foreignCheckerAtWork();
		this.lastRead = this.loop.nanoTime();
		LiveMembers answer = this.scripts.read(readLimit(), this.evidence.sinceLooked());
		judgeLayout(foreign || answer.foreign() > 0);
		publish(answer);
		long now = this.loop.nanoTime();
		this.nextRead = now + rest(now - this.lastRead);
	}

	/** The nanoseconds after a read, which took so many, until the next one may begin. */
	static long rest(long took) {
		return Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, took * REST));
	}

	private void judgeLayout(boolean foreign) {
		String problem = foreign ? this.settings.layout().refusal() : null;
		if (problem != null && !this.publisher.hasPublished()) {
			throw RedisFailure.refused(problem);
		}
		this.health.warn(Concern.LAYOUT, (problem != null) ? problem + "; the check of expired entries rests" : null);
	}

	/** An answer that leaves out some says nothing of what is missing. */
	private void publish(LiveMembers answer) {
		List<String> unproven = this.entries.known(answer.unproven());
		boolean withheld = this.evidence.withholds(answer.live(), unproven.size());
		noteOverdue(answer);
		this.health.doubt(this.evidence.problem());
		this.health.warn(Concern.OMISSION, (answer.omitted() > 0) ? omission(answer) : null);
		this.entries.update(answer, withheld ? unproven : List.of());
		this.health.read(this.table.counts());
		Absence absence = (answer.omitted() > 0) ? Absence.NO_EVIDENCE : this.health.absence();
		this.publisher.publish(new DiscoverySnapshot(
				new SourceView(this.settings.source(), this.table.instances(), this.lastRead, absence)));
	}

	private String omission(LiveMembers answer) {
		return "%d of %d live entries do not fit into a read (expected: at most %d entries of %d bytes together); what is missing does not count as gone"
			.formatted(answer.omitted(), answer.live(), readLimit(), this.settings.limits().totalBytes());
	}

	/** More than are used, so that known ones are not crowded out by new ones. */
	private int readLimit() {
		return this.settings.rules().maximumInstances() * 2;
	}

	private void noteOverdue(LiveMembers answer) {
		if (ExpiryEvidence.mostAreOverdue(answer)) {
			this.health.wasAway();
		}
	}

	private void subscribe() {
		if (this.subscription != null || !this.connection.canSubscribe()
				|| this.loop.nanoTime() - this.nextSubscription < 0) {
			return;
		}
		try {
			this.subscription = ChannelSubscription.open(this.connection.factory(), this.keys.channel(), this::told,
					this::wantRead);
			this.subscriptionBackoff.reset();
			this.health.warn(Concern.SUBSCRIPTION, null);
		}
		catch (RuntimeException ex) {
			if (this.loop.closed()) {
				return;
			}
			this.nextSubscription = this.loop.nanoTime() + delay(this.subscriptionBackoff).toNanos();
			this.health.warn(Concern.SUBSCRIPTION, RedisFailure.of(ex).message() + " (the channel "
					+ this.keys.channel() + "; the key is read more often instead)");
		}
	}

	private Duration failed(Throwable failure, int generation) {
		if (this.loop.closed()) {
			return Duration.ZERO;
		}
		RedisFailure reason = RedisFailure.of(failure);
		this.health.down(reason.message());
		logger.debug("{}: {}", this.settings.source(), reason.message(), failure);
		unsubscribe();
		if (reason.mayBeTheConnection()) {
			this.connection.reset(generation);
		}
		return delay(this.backoff);
	}

	private Duration delay(Backoff backoff) {
		return backoff.next(this.settings.retry().initial(), this.settings.retry().maximum());
	}

	private Duration readInterval() {
		boolean polling = this.subscription == null
				&& this.settings.retry().maximum().compareTo(this.settings.timings().readInterval()) < 0;
		return polling ? this.settings.retry().maximum() : this.settings.timings().readInterval();
	}

	private Duration untilNextRun() {
		Duration untilRead = readInterval().minusNanos(this.loop.nanoTime() - this.lastRead);
		Duration next = this.evidence.doubts() ? this.settings.retry().maximum()
				: this.settings.timings().probeInterval();
		return (untilRead.compareTo(next) < 0) ? untilRead : next;
	}

	private boolean sinceLastReadLessThan(Duration interval) {
		return this.loop.nanoTime() - this.lastRead < interval.toNanos();
	}

	private void unsubscribe() {
		if (this.subscription != null) {
			this.subscription.close();
			this.subscription = null;
		}
	}

	private void release() {
		unsubscribe();
		this.connection.close();
	}

	/** What can be wrong while Redis answers; the gravest first. */
	enum Concern {

		/** Another layout uses the key. */
		LAYOUT,

		/** More is live than is read. */
		OMISSION,

		/** The channel cannot be subscribed to. */
		SUBSCRIPTION,

		/** The check cannot be run. */
		CHECKER

	}

}
