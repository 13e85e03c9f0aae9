package dev.backend.execution;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

import org.jspecify.annotations.Nullable;

/**
 * Bounds how many attempts are under way at once, such as to connect or to probe. Peers
 * that do not answer hold their permits until they time out; so that they cannot keep
 * healthy ones waiting, attempts go by {@link Lane}: the earlier lane first, within one
 * by their arrival, and those that hung before have at most half of the permits. Safe for
 * use by any thread; the lock guards the queues and two counts, and nothing runs under
 * it.
 */
public final class PermitGate {

	/** What may be expected of an attempt. */
	public enum Lane {

		/** It is the first one, or the first one after a connection that was stable. */
		FIRST,

		/** The one before failed, or led to a connection that did not last. */
		RETRY,

		/** The one before got no answer in time. */
		HUNG

	}

	private final int permits;

	private final int permitsOfHung;

	/** By lane. */
	private final List<Queue<Runnable>> waiting = new ArrayList<>();

	private int active;

	private int activeHung;

	/**
	 * Creates a gate.
	 * @param permits how many attempts may be under way at once; at least 1
	 */
	public PermitGate(int permits) {
		this.permits = permits;
		this.permitsOfHung = Math.max(1, permits / 2);
		for (Lane lane : Lane.values()) {
			this.waiting.add(lane.ordinal(), new ArrayDeque<>());
		}
	}

	/**
	 * Asks for a permit.
	 * @param lane what may be expected of the attempt
	 * @param granted run when the attempt may begin, by this thread or by that of another
	 * attempt's {@link #release(Lane)}; must hand over at once
	 */
	public void acquire(Lane lane, Runnable granted) {
		synchronized (this) {
			if (!available(lane)) {
				queue(lane).add(granted);
				return;
			}
			take(lane);
		}
		granted.run();
	}

	/**
	 * Gives back a permit that was granted.
	 * @param lane the lane by which it was asked for
	 */
	public void release(Lane lane) {
		Runnable next;
		synchronized (this) {
			this.active--;
			this.activeHung -= (lane == Lane.HUNG) ? 1 : 0;
			next = takeNext();
		}
		if (next != null) {
			next.run();
		}
	}

	private @Nullable Runnable takeNext() {
		for (Lane lane : Lane.values()) {
			Runnable next = available(lane) ? queue(lane).poll() : null;
			if (next != null) {
				take(lane);
				return next;
			}
		}
		return null;
	}

	private Queue<Runnable> queue(Lane lane) {
		return this.waiting.get(lane.ordinal());
	}

	private boolean available(Lane lane) {
		return this.active < this.permits && (lane != Lane.HUNG || this.activeHung < this.permitsOfHung);
	}

	private void take(Lane lane) {
		this.active++;
		this.activeHung += (lane == Lane.HUNG) ? 1 : 0;
	}

}
