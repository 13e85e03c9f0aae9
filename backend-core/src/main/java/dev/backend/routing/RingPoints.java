package dev.backend.routing;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * The points of a ring in the order of their positions, each with the slot (index) of the
 * member it belongs to. Immutable.
 * <p>
 * A point is one {@code long}: its position, then its slot. Slots follow the order of the
 * ids, so the order of the numbers is also the order in which equal positions own keys,
 * and a change of members renumbers the slots without disturbing the order.
 * <p>
 * A look-up is bound by cache misses and mispredicted branches, not by instructions. The
 * upper bits of a position lead through an index, with 1 to 2 points per entry, to the
 * first candidate; from there four points are compared without a branch, which is nearly
 * always enough. The first points follow once more after the last, a turn later, so a
 * look-up never wraps.
 */
final class RingPoints {

	static final int SLOT_BITS = 24;

	static final int MAXIMUM_SLOTS = 1 << SLOT_BITS;

	private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;

	private static final int WINDOW = 4;

	private static final long TURN = 1L << 32 + SLOT_BITS;

	static final RingPoints EMPTY = new RingPoints(new long[WINDOW], 0, RingIndex.build(new long[0], 0));

	private final long[] points;

	private final int size;

	/** See {@link RingIndex}. */
	private final int[] index;

	private final int shift;

	/**
	 * Takes over an array whose first {@code size} elements are sorted points, with
	 * {@code WINDOW} more for the second turn.
	 */
	private RingPoints(long[] points, int size, int[] index) {
		this.points = points;
		this.size = size;
		for (int i = 0; i < WINDOW && size > 0; i++) {
			points[size + i] = points[i] + TURN;
		}
		this.index = index;
		this.shift = 32 - RingIndex.bits(index);
	}

	/**
	 * Returns a point as one number.
	 */
	static long point(int position, int slot) {
		return (position & 0xFFFFFFFFL) << SLOT_BITS | slot;
	}

	/**
	 * Returns these points without those of some members and with others, in linear time.
	 * @param slots the new slot of each present one, or -1 to leave its points out; must
	 * keep the order
	 * @param kept how many of the present points stay
	 * @param added points to add, sorted, with new slots
	 */
	RingPoints update(int[] slots, int kept, long[] added) {
		int size = Math.addExact(kept, added.length);
		long[] updated = new long[Math.addExact(size, WINDOW)];
		long[] gone = new long[this.size - kept];
		renumber(slots, updated, gone);
		merge(updated, kept, added);
		boolean sameLength = RingIndex.length(size) == this.index.length;
		return new RingPoints(updated, size,
				sameLength ? RingIndex.update(this.index, gone, added) : RingIndex.build(updated, size));
	}

	private void renumber(int[] slots, long[] updated, long[] gone) {
		long[] points = this.points;
		int size = this.size;
		int next = 0;
		for (int i = 0; i < size; i++) {
			long point = points[i];
			int slot = slots[(int) point & SLOT_MASK];
			if (slot >= 0) {
				updated[next++] = point & ~SLOT_MASK | slot;
			}
			else {
				gone[i - next] = point;
			}
		}
	}

	/** Merges from the back, into the room after the present points. */
	private static void merge(long[] points, int size, long[] added) {
		int present = size - 1;
		for (int i = added.length - 1; i >= 0; i--) {
			while (present >= 0 && points[present] > added[i]) {
				points[present + i + 1] = points[present--];
			}
			points[present + i + 1] = added[i];
		}
	}

	/**
	 * Returns the index of the first point strictly after a position. The ring must have
	 * points.
	 * @return the index, which is {@link #size()} if that is the first point of the next
	 * turn
	 */
	int after(int position) {
		long[] points = this.points;
		// The difference is negative exactly for the points that are not after it.
		long limit = (position & 0xFFFFFFFFL) + 1 << SLOT_BITS;
		int i = this.index[position >>> this.shift];
		int passed;
		do {
			passed = (int) (points[i] - limit >>> 63) + (int) (points[i + 1] - limit >>> 63)
					+ (int) (points[i + 2] - limit >>> 63) + (int) (points[i + 3] - limit >>> 63);
			i += passed;
		}
		while (passed == WINDOW);
		return i;
	}

	/**
	 * Returns the slot of a point.
	 * @param index the point's index, up to and including {@link #size()}
	 */
	int slot(int index) {
		return (int) this.points[index] & SLOT_MASK;
	}

	/**
	 * Returns the position of a point.
	 * @param index the point's index, up to and including {@link #size()}
	 * @return from 0 to 2^32 - 1, and 2^32 more in the next turn
	 */
	long position(int index) {
		return this.points[index] >>> SLOT_BITS;
	}

	/**
	 * Returns the number of points.
	 */
	int size() {
		return this.size;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof RingPoints that && Arrays.equals(this.points, that.points)
				&& Arrays.equals(this.index, that.index);
	}

	@Override
	public int hashCode() {
		return Arrays.hashCode(this.points);
	}

}
