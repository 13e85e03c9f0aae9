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
 * upper bits of a position lead through an {@link PointIndex index}, with 1 to 2 points
 * per entry, to the first candidate; from there four points are compared without a
 * branch, which is nearly always enough. The first points follow once more after the
 * last, a turn later, so a look-up never wraps. A large ring does not fit the cache: if
 * keys have few positions enough, it has a {@link OwnerTable table} of their owners
 * instead of the index.
 */
final class SortedPoints {

	static final int SLOT_BITS = 16;

	static final int MAXIMUM_SLOTS = 1 << SLOT_BITS;

	private static final int SLOT_MASK = MAXIMUM_SLOTS - 1;

	private static final int WINDOW = 4;

	private static final long TURN = 1L << 32 + SLOT_BITS;

	/** A table is made when it has at most this many entries per point. */
	private static final int TABLE_ENTRIES_PER_POINT = 8;

	private final long[] points;

	private final int size;

	/** How many upper bits of a key's position count; the others are ones. */
	private final int keyBits;

	/** See {@link PointIndex}; empty if there is a table. */
	private final int[] index;

	/** See {@link OwnerTable}; empty if there is an index. */
	private final char[] table;

	private SortedPoints(long[] points, int size, int keyBits, int[] index, char[] table) {
		this.points = points;
		this.size = size;
		this.keyBits = keyBits;
		this.index = index;
		this.table = table;
	}

	/**
	 * Returns no points.
	 * @param keyBits how many upper bits of a key's position count; the others must be
	 * ones
	 */
	static SortedPoints empty(int keyBits) {
		return new SortedPoints(new long[0], 0, keyBits, PointIndex.build(new long[0], 0), new char[0]);
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
	SortedPoints update(int[] slots, int kept, long[] added) {
		int size = Math.addExact(kept, added.length);
		if (size == 0) {
			return empty(this.keyBits);
		}
		long[] updated = new long[Math.addExact(size, WINDOW)];
		long[] gone = new long[this.size - kept];
		renumber(slots, updated, gone);
		merge(updated, kept, added);
		for (int i = 0; i < WINDOW; i++) {
			updated[size + i] = updated[i] + TURN;
		}
		if (hasTable(size)) {
			return new SortedPoints(updated, size, this.keyBits, new int[0], table(updated, size, slots, gone, added));
		}
		return new SortedPoints(updated, size, this.keyBits, index(updated, size, gone, added), new char[0]);
	}

	private boolean hasTable(int size) {
		return 1L << this.keyBits <= (long) size * TABLE_ENTRIES_PER_POINT && this.keyBits < 32;
	}

	private char[] table(long[] updated, int size, int[] slots, long[] gone, long[] added) {
		boolean fewChanges = gone.length + added.length < size / 8;
		return (fewChanges && this.table.length != 0) ? OwnerTable.update(this.table, slots, updated, size, gone, added)
				: OwnerTable.build(updated, size, this.keyBits);
	}

	private int[] index(long[] updated, int size, long[] gone, long[] added) {
		return (PointIndex.length(size) == this.index.length) ? PointIndex.update(this.index, gone, added)
				: PointIndex.build(updated, size);
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
	 * Returns the slot that owns a key's position: that of the first point strictly after
	 * it. The ring must have points.
	 */
	int owner(int position) {
		char[] table = this.table;
		return (table.length != 0) ? table[position >>> 32 - this.keyBits] : slot(after(position));
	}

	/**
	 * Returns the index of the first point strictly after a position. The ring must have
	 * points.
	 * @return the index, which is {@link #size()} if that is the first point of the next
	 * turn
	 */
	int after(int position) {
		long limit = (position & 0xFFFFFFFFL) + 1 << SLOT_BITS;
		int[] index = this.index;
		return (index.length != 0) ? scan(limit, index[position >>> 32 - PointIndex.bits(index)])
				: search(this.points, this.size, limit);
	}

	private int scan(long limit, int start) {
		long[] points = this.points;
		int i = start;
		int passed;
		do {
			// The differences are negative exactly for the points before the limit.
			passed = (int) (points[i] - limit >>> 63) + (int) (points[i + 1] - limit >>> 63)
					+ (int) (points[i + 2] - limit >>> 63) + (int) (points[i + 3] - limit >>> 63);
			i += passed;
		}
		while (passed == WINDOW);
		return i;
	}

	/**
	 * Returns the index of the first of some sorted points that is not before a limit.
	 */
	static int search(long[] points, int size, long limit) {
		int low = 0;
		int high = size;
		while (low < high) {
			int middle = (low + high) >>> 1;
			if (points[middle] < limit) {
				low = middle + 1;
			}
			else {
				high = middle;
			}
		}
		return low;
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
		return other instanceof SortedPoints that && Arrays.equals(this.points, that.points)
				&& Arrays.equals(this.index, that.index) && Arrays.equals(this.table, that.table);
	}

	@Override
	public int hashCode() {
		return Arrays.hashCode(this.points);
	}

}
