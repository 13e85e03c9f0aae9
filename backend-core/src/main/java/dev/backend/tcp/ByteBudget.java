package dev.backend.tcp;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The bytes that all connections of a backend hold together: encoded ones that the system
 * has not taken, and arrived ones that are not decoded, or that were read ahead of a
 * handler. Safe for use by any thread.
 *
 * <p>
 * <b>Share.</b> When the bound is reached, only connections that hold more than
 * {@value #SHARE} bytes in that direction get no more: their sends are refused, what is
 * queued for them is not encoded, and they are not read. So peers that take what they are
 * sent are served as ever, and what is held exceeds the bound by a share and a frame of
 * each connection and direction at most, and by what may be read ahead of each handler.
 *
 * <p>
 * <b>Outbound, it always goes on.</b> A connection that may not encode has bytes with the
 * system. When those are taken, or are gone with the connection, it is below its share
 * and encodes, whatever others hold.
 *
 * <p>
 * <b>Inbound, it goes on for one.</b> A connection that has received a part of a large
 * frame is rid of it only if it gets the rest. If all are so, none would ever be. So one
 * at a time has the turn: it is read all the same, up to the bound of its frame, and when
 * that is decoded, or the connection is gone, the next one in line has it. All have it
 * when the bytes fall to seven eighths of the bound. The turn has an end
 * ({@link InboundShare}), so that a peer that stops within a frame does not stop the
 * others.
 *
 * <p>
 * Readers are told of a turn with no lock held.
 */
final class ByteBudget {

	/** What each connection may hold in a direction, whatever the others hold. */
	static final int SHARE = 64 * 1024;

	private final LongSupplier bound;

	private final AtomicLong held = new AtomicLong();

	/** Those that wait to read, the first one first. */
	private final Set<Reader> waiting = new LinkedHashSet<>();

	/** Whose turn it is. */
	private @Nullable Reader turn;

	private volatile boolean waited;

	/**
	 * Creates a budget.
	 * @param bound returns the bound, which may change; 0 for none
	 */
	ByteBudget(LongSupplier bound) {
		this.bound = bound;
	}

	/** Whether there is a bound. */
	boolean bounded() {
		return this.bound.getAsLong() > 0;
	}

	/** How many bytes are held. */
	long held() {
		return this.held.get();
	}

	/** How many bytes a connection may take on that holds so many. */
	long left(int heldByConnection) {
		return Math.max(this.bound.getAsLong() - held(), SHARE - heldByConnection);
	}

	/** Whether a connection that holds so many bytes may take on no more. */
	boolean refuses(int heldByConnection) {
		return heldByConnection >= SHARE && reached();
	}

	private boolean reached() {
		long bound = this.bound.getAsLong();
		return bound > 0 && held() >= bound;
	}

	/**
	 * Takes note of bytes that are held, or are not any more.
	 * @param bytes how many more; negative for less
	 */
	void add(int bytes) {
		this.held.addAndGet(bytes);
		if (bytes < 0 && this.waited) {
			tellAllIfLow();
		}
	}

	/**
	 * Asks for the turn.
	 * @param reader who would read more than it may
	 * @return whether it reads on; if not, it is told when it is to
	 */
	boolean enter(Reader reader) {
		synchronized (this) {
			if (this.turn == null || this.turn == reader) {
				this.turn = reader;
				return true;
			}
			this.waiting.add(reader);
			this.waited = true;
		}
		// Whoever has given bytes back before has not seen this one.
		tellAllIfLow();
		return false;
	}

	/**
	 * Gives back the turn, or the place in the line.
	 * @param reader who needs neither any more
	 */
	void leave(Reader reader) {
		Reader next = null;
		synchronized (this) {
			this.waiting.remove(reader);
			if (this.turn == reader) {
				next = first();
				this.turn = next;
			}
			this.waited = !this.waiting.isEmpty();
		}
		if (next != null) {
			next.readOn();
		}
	}

	private @Nullable Reader first() {
		if (this.waiting.isEmpty()) {
			return null;
		}
		Reader first = this.waiting.iterator().next();
		this.waiting.remove(first);
		return first;
	}

	synchronized boolean hasTurn(Reader reader) {
		return this.turn == reader;
	}

	synchronized boolean othersWait() {
		return !this.waiting.isEmpty();
	}

	/** Goes on with all that wait, if there is room, such as by a new bound. */
	void tellAllIfLow() {
		long bound = this.bound.getAsLong();
		if (bound > 0 && held() > bound - (bound >> 3)) {
			return;
		}
		List<Reader> all;
		synchronized (this) {
			all = new ArrayList<>(this.waiting);
			this.waiting.clear();
			this.waited = false;
		}
		all.forEach(Reader::readOn);
	}

	/** Reads from a connection that holds more than its share. */
	interface Reader {

		/** There is room again, or it is its turn. Called by any thread. */
		void readOn();

	}

}
