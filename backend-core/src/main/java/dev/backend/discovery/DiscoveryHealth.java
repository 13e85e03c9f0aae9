package dev.backend.discovery;

import java.time.Duration;

import dev.backend.discovery.DiscoveryStatus.State;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a source is doing, and the log of its ups and downs: for those who write a
 * {@link ServiceDiscovery}. Any thread; every method is short and takes this object's
 * monitor.
 */
public final class DiscoveryHealth {

	private static final Logger logger = LoggerFactory.getLogger(DiscoveryHealth.class);

	private final String source;

	private State state = State.STARTING;

	private @Nullable String reason;

	private @Nullable String warning;

	private @Nullable Long readAt;

	private int instances;

	private int rejected;

	private DiscoveryReads reads = DiscoveryReads.NONE;

	/**
	 * Creates the health of a source that has not begun.
	 * @param source what is watched, for people; without secrets
	 */
	public DiscoveryHealth(String source) {
		this.source = source;
	}

	/**
	 * A complete read succeeded, and nothing else is wrong.
	 * @param instances the number of instances it found
	 * @param rejected the number of entries it refused
	 * @param warning what is wrong all the same, or {@code null}; logged when it changes
	 */
	public synchronized void up(int instances, int rejected, @Nullable String warning) {
		read(instances, rejected);
		warn(warning);
		up();
	}

	/**
	 * A complete read succeeded, or one of a part when the others had succeeded before.
	 * @param instances the number of instances that are known
	 * @param rejected the number of entries that were refused
	 */
	public synchronized void read(int instances, int rejected) {
		this.reads = new DiscoveryReads(this.reads.succeeded() + 1, this.reads.failed());
		this.readAt = System.nanoTime();
		this.instances = instances;
		this.rejected = rejected;
	}

	/** Everything that is watched has been read, and nothing has failed since. */
	public synchronized void up() {
		if (this.state != State.UP) {
			logger.info("{}: up", this.source);
		}
		this.state = State.UP;
		this.reason = null;
	}

	/**
	 * Something is wrong although the registry answers.
	 * @param warning what, or {@code null} if nothing is; logged when it changes
	 */
	public synchronized void warn(@Nullable String warning) {
		if (warning != null && !warning.equals(this.warning)) {
			logger.warn("{}: {}", this.source, warning);
		}
		this.warning = warning;
	}

	/**
	 * A read failed, or has been under way for too long.
	 * @param reason why; without secrets
	 */
	public synchronized void down(String reason) {
		this.reads = new DiscoveryReads(this.reads.succeeded(), this.reads.failed() + 1);
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
	 * Returns whether the last read did not succeed.
	 * @return whether the source is down
	 */
	public synchronized boolean isDown() {
		return this.state == State.DOWN;
	}

	/**
	 * Returns how often {@link #read} and {@link #down} were told.
	 * @return the reads
	 */
	public synchronized DiscoveryReads reads() {
		return this.reads;
	}

	/**
	 * Returns the present status.
	 * @return the status
	 */
	public synchronized DiscoveryStatus status() {
		Duration sinceRead = (this.readAt != null) ? Duration.ofNanos(System.nanoTime() - this.readAt) : null;
		String shown = (this.reason != null) ? this.reason : this.warning;
		return new DiscoveryStatus(this.source, this.state, this.instances, this.rejected, sinceRead,
				(shown != null) ? this.source + ": " + shown : null);
	}

}
