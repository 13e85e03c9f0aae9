package dev.backend.tcp;

import java.util.Arrays;

/**
 * Lower bounds of the deadlines in an array, one for each block of {@value #BLOCK}
 * entries, so that a sweep looks at the entries of a block only when one of them may be
 * due. What leaves the array leaves its bound behind: that costs one look at its block
 * when that time has come, and no more, because a look sets the bound anew.
 */
final class DeadlineBounds {

	static final int BLOCK = 32;

	private static final int SHIFT = 5;

	private static final long NONE = Long.MAX_VALUE;

	/** Times are kept as differences from this one, so that they compare as numbers. */
	private final long origin;

	private final long[] bounds;

	/**
	 * Creates the bounds of an empty array.
	 * @param entries the length of the array
	 * @param origin any time near those that will be added
	 */
	DeadlineBounds(int entries, long origin) {
		this.origin = origin;
		this.bounds = new long[(entries + BLOCK - 1) >> SHIFT];
		clear();
	}

	int blocks() {
		return this.bounds.length;
	}

	/** The block in which an entry is. */
	static int block(int index) {
		return index >> SHIFT;
	}

	/** An entry has come. */
	void add(int index, long deadline) {
		long left = deadline - this.origin;
		if (left < this.bounds[index >> SHIFT]) {
			this.bounds[index >> SHIFT] = left;
		}
	}

	/** Whether one of a block may be due. If so, the caller adds those that stay. */
	boolean takeDue(int block, long now) {
		if (this.bounds[block] == NONE || this.bounds[block] > now - this.origin) {
			return false;
		}
		this.bounds[block] = NONE;
		return true;
	}

	void clear() {
		Arrays.fill(this.bounds, NONE);
	}

	/** The nanoseconds until one may be due; {@link Long#MAX_VALUE} if there is none. */
	long untilNext(long now) {
		long next = NONE;
		for (long bound : this.bounds) {
			next = Math.min(next, bound);
		}
		return (next != NONE) ? next - (now - this.origin) : Long.MAX_VALUE;
	}

}
