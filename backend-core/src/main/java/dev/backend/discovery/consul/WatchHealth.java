package dev.backend.discovery.consul;

import java.time.Duration;

import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.DiscoveryStatus.State;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a watch is doing, and the log of its ups and downs. Written by the watch's thread,
 * read by anyone; every method is short and takes this object's monitor.
 */
final class WatchHealth {

	private static final Logger logger = LoggerFactory.getLogger(WatchHealth.class);

	private final String source;

	private State state = State.STARTING;

	private @Nullable String reason;

	private @Nullable String warning;

	private @Nullable Long readAt;

	private int instances;

	private int rejected;

	WatchHealth(String source) {
		this.source = source;
	}

	/** Everything that is watched has been read, and nothing has failed since. */
	synchronized void up() {
		if (this.state != State.UP) {
			logger.info("{}: up", this.source);
		}
		this.state = State.UP;
		this.reason = null;
	}

	/** Something that is watched cannot be read. */
	synchronized void down(String reason) {
		String told = this.source + ": " + reason;
		if (this.state != State.DOWN) {
			logger.warn("{}: down, keeps trying: {}", this.source, reason);
		}
		else if (!told.equals(this.reason)) {
			logger.debug("{}: still down: {}", this.source, reason);
		}
		this.state = State.DOWN;
		this.reason = told;
	}

	/** What is wrong although Consul answers, or {@code null}; logged when it changes. */
	synchronized void warn(@Nullable String warning) {
		if (warning != null && !warning.equals(this.warning)) {
			logger.warn("{}: {}", this.source, warning);
		}
		this.warning = warning;
	}

	/** A read succeeded. */
	synchronized void read(int instances, int rejected) {
		this.readAt = System.nanoTime();
		this.instances = instances;
		this.rejected = rejected;
	}

	synchronized DiscoveryStatus status() {
		Duration sinceRead = (this.readAt != null) ? Duration.ofNanos(System.nanoTime() - this.readAt) : null;
		return new DiscoveryStatus(this.source, this.state, this.instances, this.rejected, sinceRead,
				(this.reason != null) ? this.reason : this.warning);
	}

}
