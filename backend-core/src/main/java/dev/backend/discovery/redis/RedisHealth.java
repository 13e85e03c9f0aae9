package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.LeftOut;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a {@link RedisWatch} is doing, and the log of its ups and downs. Written by the
 * watch's threads, read by anyone; every method is short and takes this object's monitor.
 */
final class RedisHealth {

	private static final Logger logger = LoggerFactory.getLogger(RedisHealth.class);

	private final String source;

	private final Duration patience;

	private final Map<Concern, String> warnings = new EnumMap<>(Concern.class);

	private State state = State.STARTING;

	private @Nullable String reason;

	private @Nullable Long askedAt;

	private @Nullable Long readAt;

	private int instances;

	private int rejected;

	private DiscoveryReads reads = DiscoveryReads.NONE;

	/**
	 * Creates the health of a watch that has not begun.
	 * @param key the registry key
	 * @param patience after which time without an answer Redis counts as down
	 */
	RedisHealth(String key, Duration patience) {
		this.source = RedisRegistrySettings.source(key);
		this.patience = patience;
	}

	/** Redis is asked something. */
	synchronized void asked() {
		this.askedAt = System.nanoTime();
	}

	/** Redis answered. */
	synchronized void answered() {
		this.askedAt = null;
		if (this.state != State.UP) {
			logger.info("{}: up", this.source);
		}
		this.state = State.UP;
		this.reason = null;
	}

	/** A complete read succeeded. */
	synchronized void read(int instances, int rejected) {
		this.reads = new DiscoveryReads(this.reads.succeeded() + 1, this.reads.failed());
		this.readAt = System.nanoTime();
		this.instances = instances;
		this.rejected = rejected;
	}

	/** Redis did not answer, or the registry cannot be used. */
	synchronized void failed(String reason) {
		this.reads = new DiscoveryReads(this.reads.succeeded(), this.reads.failed() + 1);
		this.askedAt = null;
		if (this.state != State.DOWN) {
			logger.warn("{}: down, keeps trying: {}", this.source, reason);
		}
		else if (!reason.equals(this.reason)) {
			logger.debug("{}: still down: {}", this.source, reason);
		}
		this.state = State.DOWN;
		this.reason = reason;
	}

	/**
	 * Notes what is wrong although Redis answers; logged when it changes.
	 * @param concern what it is about
	 * @param warning what is wrong, or {@code null} if nothing is any more
	 */
	synchronized void warn(Concern concern, @Nullable String warning) {
		String before = (warning != null) ? this.warnings.put(concern, warning) : this.warnings.remove(concern);
		if (warning != null && !warning.equals(before)) {
			logger.warn(warning);
		}
	}

	synchronized boolean isUp() {
		return this.state == State.UP;
	}

	synchronized boolean isDown() {
		return this.state == State.DOWN;
	}

	synchronized boolean hasWarning(Concern concern) {
		return this.warnings.containsKey(concern);
	}

	synchronized DiscoveryReads reads() {
		return this.reads;
	}

	synchronized DiscoveryStatus status() {
		Duration sinceRead = since(this.readAt);
		Duration waiting = since(this.askedAt);
		if (waiting != null && waiting.compareTo(this.patience) > 0 && this.state != State.DOWN) {
			return new DiscoveryStatus(this.source, State.DOWN, counts(), sinceRead,
					this.source + ": no answer for " + waiting.toMillis() + "ms");
		}
		String shown = (this.reason != null) ? this.reason : this.warnings.values().stream().findFirst().orElse(null);
		return new DiscoveryStatus(this.source, this.state, counts(), sinceRead, shown);
	}

	private InstanceCounts counts() {
		return InstanceCounts.of(this.instances).withLeftOut(LeftOut.MALFORMED, this.rejected);
	}

	private static @Nullable Duration since(@Nullable Long nanoTime) {
		return (nanoTime != null) ? Duration.ofNanos(System.nanoTime() - nanoTime) : null;
	}

	/** What can be wrong while Redis answers; the gravest first. */
	enum Concern {

		/** Another layout uses the key. */
		LAYOUT,

		/** The channel cannot be subscribed to. */
		SUBSCRIPTION,

		/** The check cannot be run. */
		CHECKER

	}

}
