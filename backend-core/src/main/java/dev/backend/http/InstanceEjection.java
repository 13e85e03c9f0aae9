package dev.backend.http;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * The failed requests of one instance, and its ejection while there is one. What clients
 * tell of their requests comes from any thread; everything else runs on the event loop of
 * the instance.
 */
final class InstanceEjection {

	private final EventLoop loop;

	private final GroupEjections group;

	private final Runnable readmission;

	private final EjectionTimes times = new EjectionTimes();

	private final AtomicInteger failuresInARow = new AtomicInteger();

	private @Nullable ScheduledFuture<?> timer;

	private volatile @Nullable EjectedException reason;

	/**
	 * Creates what an instance needs.
	 * @param loop its event loop
	 * @param group what it shares with the others of its group
	 * @param readmit puts it back; run on the event loop
	 */
	InstanceEjection(EventLoop loop, GroupEjections group, Runnable readmit) {
		this.loop = loop;
		this.group = group;
		this.readmission = () -> loop.execute(readmit);
	}

	/** Costs a volatile read where nothing has failed. */
	void succeeded() {
		if (this.failuresInARow.get() != 0) {
			this.failuresInARow.set(0);
		}
	}

	/** Returns whether the instance is to be ejected: once per so many failures. */
	boolean failed(int threshold) {
		int failures = this.failuresInARow.incrementAndGet();
		return failures >= threshold && this.failuresInARow.compareAndSet(failures, 0);
	}

	/** Why the instance is ejected, if it is. */
	@Nullable EjectedException reason() {
		return this.reason;
	}

	/**
	 * Ejects the instance, unless too much of its group would be.
	 * @return why it is ejected, or {@code null} if it is not
	 */
	@Nullable EjectedException begin(HttpEjection settings, Throwable cause) {
		if (!this.group.eject(this.readmission, settings)) {
			return null;
		}
		Duration time = this.times.next(settings, System.nanoTime());
		EjectedException reason = new EjectedException(settings.consecutiveFailures(), time, cause);
		this.reason = reason;
		this.timer = this.loop.schedule(this.readmission, time.toNanos(), TimeUnit.NANOSECONDS);
		return reason;
	}

	/** Ends the ejection, early or not. */
	void end() {
		if (this.timer != null) {
			this.timer.cancel(false);
			this.timer = null;
		}
		this.reason = null;
		this.group.readmitted(this.readmission);
		this.times.ended(System.nanoTime());
		succeeded();
	}

	/**
	 * The instance may be chosen by its probe and its operator again, or not any more.
	 */
	void counts(boolean counts, HttpEjection settings) {
		if (counts) {
			this.group.joined();
		}
		else {
			this.group.left(this.readmission, settings);
		}
	}

	void settingsChanged(HttpEjection settings) {
		this.group.trim(settings);
	}

}
