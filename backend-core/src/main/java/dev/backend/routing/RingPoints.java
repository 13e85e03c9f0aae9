package dev.backend.routing;

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

	private static final int SLOT_BITS = 24;

	static final int MAXIMUM_SLOTS = 1 << SLOT_BITS;

	private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;

	private static final int WINDOW = 4;

	private static final long TURN = 1L << 32 + SLOT_BITS;

	static final RingPoints EMPTY = new RingPoints(new long[WINDOW], 0);

	private final long[] points;

	private final int size;

	/** For each value of the upper bits of a position: how many points lie before. */
	private final int[] index;

	private final int shift;

	/**
	 * Takes over an array whose first {@code size} elements are sorted points, with
	 * {@code WINDOW} more for the second turn.
	 */
	private RingPoints(long[] points, int size) {
		this.points = points;
		this.size = size;
		for (int i = 0; i < WINDOW && size > 0; i++) {
			points[size + i] = points[i] + TURN;
		}
		int bits = Math.max(1, 31 - Integer.numberOfLeadingZeros(size));
		this.shift = 32 - bits;
		this.index = index(points, size, bits);
	}

	/**
	 * No branch depends on a position: a misprediction per point would double the time.
	 */
	private static int[] index(long[] points, int size, int bits) {
		int[] index = new int[(1 << bits) + 1];
		int shift = SLOT_BITS + 32 - bits;
		for (int i = 0; i < size; i++) {
			index[(int) (points[i] >>> shift) + 1] = i + 1;
		}
		for (int i = 1; i < index.length; i++) {
			index[i] = Math.max(index[i], index[i - 1]);
		}
		return index;
	}

	/**
	 * Returns a point as one number.
	 */
	static long point(int position, int slot) {
		return (position & 0xFFFFFFFFL) << SLOT_BITS | slot;
	}

	/**
	 * Returns these points without those of some members and with others, in one pass.
	 * @param slots the new slot of each present one, or -1 to leave its points out; must
	 * keep the order
	 * @param kept how many of the present points stay
	 * @param added points to add, sorted, with new slots
	 */
	RingPoints update(int[] slots, int kept, long[] added) {
		int size = Math.addExact(kept, added.length);
		long[] updated = new long[Math.addExact(size, WINDOW)];
		int next = 0;
		int taken = 0;
		for (int i = 0; i < this.size; i++) {
			long point = this.points[i];
			int slot = slots[(int) point & SLOT_MASK];
			if (slot >= 0) {
				point = point & ~SLOT_MASK | slot;
				while (taken < added.length && added[taken] < point) {
					updated[next++] = added[taken++];
				}
				updated[next++] = point;
			}
		}
		System.arraycopy(added, taken, updated, next, added.length - taken);
		return new RingPoints(updated, size);
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

}
