package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;

import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.WatchedDiscovery;
import dev.backend.discovery.redis.RedisHealth.Concern;
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
 * that begins after a message sees what the message told of, so a burst needs one read,
 * and reads begin at least {@value #PAUSE_MILLIS} ms apart.
 *
 * <p>
 * A failure leaves the last snapshot as it is. The connection and the subscription are
 * thrown away, the loop tries again with a back-off of at most a second, and the first
 * read that succeeds is followed by a new subscription and another read: nothing depends
 * on when the client would have reconnected by itself. While the channel cannot be
 * subscribed to, the key is read every second.
 */
final class RedisWatch implements WatchedDiscovery.Watch {

	private static final Logger logger = LoggerFactory.getLogger(RedisWatch.class);

	private static final long PAUSE_MILLIS = 20;

	private final RedisRegistrySettings settings;

	private final RegistryKeys keys;

	private final RegistryConnection connection;

	private final RegistryScripts scripts;

	private final RedisHealth health;

	private final ExpiryEvidence evidence;

	private final SnapshotPublisher publisher;

	private final MemberTable members;

	private final Backoff backoff;

	private final Backoff subscriptionBackoff;

	private final WorkLoop loop;

	private final WorkLoop checkLoop;

	private volatile boolean readWanted = true;

	/** When Redis was last back after it had been away, or most heartbeats were late. */
	private volatile @Nullable Long backAt;

	private long lastRead = System.nanoTime();

	private long nextSubscription = System.nanoTime();

	private @Nullable ChannelSubscription subscription;

	private RedisWatch(RedisConnectionFactory factory, RedisRegistrySettings settings) {
		this.settings = settings;
		this.keys = settings.layout().keys(settings.key());
		this.connection = RegistryConnection.open(factory, settings, this::reconnected);
		this.scripts = new RegistryScripts(this.connection.factory(), settings);
		this.health = new RedisHealth(settings.key(), settings.timings().responseTimeout().plusSeconds(1));
		this.publisher = new SnapshotPublisher("backend-redis-" + settings.key() + "-publish");
		this.members = new MemberTable(settings);
		this.backoff = new Backoff(Jitter.HALF);
		this.subscriptionBackoff = new Backoff(Jitter.HALF);
		this.loop = new WorkLoop("backend-redis-" + settings.key() + "-watch", this::run, this::release);
		this.evidence = new ExpiryEvidence(settings, this::wantRead);
		ElectedChecker checker = new ElectedChecker(settings, this.scripts, this.health, this.evidence);
		this.checkLoop = new WorkLoop("backend-redis-" + settings.key() + "-check", checker::run, () -> {
		});
	}

	static RedisWatch start(RedisConnectionFactory factory, RedisRegistrySettings settings) {
		RedisWatch watch = new RedisWatch(factory, settings);
		watch.loop.start();
		if (settings.checker().enabled()) {
			watch.checkLoop.start();
		}
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
		this.checkLoop.stop();
		this.loop.stop();
	}

	@Override
	public void join(Duration timeout) {
		this.loop.join(timeout);
	}

	private void wantRead() {
		this.readWanted = true;
		this.loop.wake();
	}

	/** By the contract a writer tells after it has written the list of who is live. */
	private void told() {
		this.evidence.looked();
		wantRead();
	}

	private void reconnected() {
		this.backAt = System.nanoTime();
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

	/** How long a wanted read has to wait, because the last one has only just begun. */
	private Duration pause() {
		long nanos = this.lastRead + Duration.ofMillis(PAUSE_MILLIS).toNanos() - System.nanoTime();
		return (this.publisher.hasPublished() && this.readWanted && nanos > 0) ? Duration.ofNanos(nanos)
				: Duration.ZERO;
	}

	private void readOrProbe() {
		boolean wasAnswering = this.health.isAnswering();
		boolean read = this.readWanted || !this.health.isUp() || this.evidence.doubts()
				|| !sinceLastReadLessThan(readInterval());
		this.readWanted = false;
		this.health.asked();
		if (!read) {
			LiveMembers answer = this.scripts.probe();
			noteOverdue(answer);
			// Nobody writes any more: what has expired may prove nothing.
			read = answer.fresh() == 0;
		}
		if (read) {
			boolean foreign = this.scripts.foreignCheckerAtWork();
			this.lastRead = System.nanoTime();
			LiveMembers answer = this.scripts.read(this.members.readLimit(), this.evidence.sinceLooked());
			judgeLayout(foreign || answer.foreign() > 0);
			publish(answer);
		}
		this.health.answered(this.evidence.problem());
		if (!wasAnswering || this.evidence.doubts()) {
			this.checkLoop.wake();
		}
	}

	private void judgeLayout(boolean foreign) {
		String problem = foreign ? this.settings.layout().refusal(this.settings.key()) : null;
		if (problem != null && !this.publisher.hasPublished()) {
			throw RedisFailure.refused(problem);
		}
		this.health.warn(Concern.LAYOUT, (problem != null) ? problem + "; the check of expired entries rests" : null);
	}

	private void publish(LiveMembers answer) {
		List<String> unproven = this.members.known(answer.unproven());
		boolean withheld = this.evidence.withholds(answer.live(), unproven.size());
		noteOverdue(answer);
		var snapshot = this.members.update(answer, withheld ? unproven : List.of(), this.lastRead, recovering());
		this.health.read(snapshot.instances().size(), this.members.rejected());
		this.publisher.publish(snapshot);
	}

	/**
	 * Whether services may not have registered again yet: those whose heartbeat was due
	 * while Redis was away, or took no writes, come back one by one.
	 */
	private boolean recovering() {
		if (this.health.isDown()) {
			this.backAt = System.nanoTime();
		}
		Long back = this.backAt;
		return back != null && System.nanoTime() - back < this.settings.timings().expiry().toNanos();
	}

	private void noteOverdue(LiveMembers answer) {
		if (ExpiryEvidence.mostAreOverdue(answer)) {
			this.backAt = System.nanoTime();
		}
	}

	private void subscribe() {
		if (this.subscription != null || !this.connection.canSubscribe()
				|| System.nanoTime() - this.nextSubscription < 0) {
			return;
		}
		try {
			this.subscription = ChannelSubscription.open(this.connection.factory(), this.keys.channel(), this::told,
					this::wantRead);
			this.subscriptionBackoff.reset();
			this.health.warn(Concern.SUBSCRIPTION, null);
		}
		catch (RuntimeException ex) {
			this.nextSubscription = System.nanoTime() + delay(this.subscriptionBackoff).toNanos();
			this.health.warn(Concern.SUBSCRIPTION, RedisFailure.of(this.settings.key(), ex).message() + " (the channel "
					+ this.keys.channel() + "; the key is read more often instead)");
		}
	}

	private Duration failed(Throwable failure, int generation) {
		if (this.loop.isStopped()) {
			return Duration.ZERO;
		}
		RedisFailure reason = RedisFailure.of(this.settings.key(), failure);
		this.health.failed(reason.message());
		logger.debug("{}", reason.message(), failure);
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
		if (this.evidence.doubts()) {
			return this.settings.retry().maximum();
		}
		Duration untilRead = readInterval().minusNanos(System.nanoTime() - this.lastRead);
		Duration probe = this.settings.timings().probeInterval();
		return (untilRead.compareTo(probe) < 0) ? untilRead : probe;
	}

	private boolean sinceLastReadLessThan(Duration interval) {
		return System.nanoTime() - this.lastRead < interval.toNanos();
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

}
