package dev.backend.routing;

import java.util.Arrays;

/**
 * The owner of every position that a key can have, where keys have few positions enough:
 * a look-up is one step into an array that stays in the cache, whatever the number of
 * points.
 */
final class OwnerTable {

	private static final int POINT_BITS = 32 + SortedPoints.SLOT_BITS;

	private OwnerTable() {
	}

	/**
	 * Builds a table: entry e leads to the first point of a later entry.
	 * @param points the sorted points, and the first once more
	 * @param size the number of points
	 * @param bits how many upper bits of a position select an entry
	 */
	static char[] build(long[] points, int size, int bits) {
		char[] table = new char[1 << bits];
		int shift = POINT_BITS - bits;
		int next = 0;
		for (int entry = 0; entry < table.length; entry++) {
			while (next < size && points[next] >>> shift <= entry) {
				next++;
			}
			table[entry] = slot(points[next]);
		}
		return table;
	}

	/**
	 * Returns a table after a change: entries keep their owners, except between a changed
	 * point and the one before it.
	 * @param table the present table
	 * @param slots the new slot of each present one; any for those that leave
	 * @param points the sorted points after the change, and the first once more
	 * @param size the number of points
	 * @param changed the points that left and those that came
	 */
	static char[] update(char[] table, int[] slots, long[] points, int size, long[]... changed) {
		char[] updated = new char[table.length];
		for (int entry = 0; entry < table.length; entry++) {
			updated[entry] = (char) slots[table[entry]];
		}
		int shift = POINT_BITS - Integer.numberOfTrailingZeros(table.length);
		for (long[] some : changed) {
			for (long point : some) {
				int next = SortedPoints.search(points, size, point & -SortedPoints.MAXIMUM_SLOTS);
				int from = (next > 0) ? (int) (points[next - 1] >>> shift) : 0;
				int to = (int) (point >>> shift);
				if (from < to) {
					Arrays.fill(updated, from, to, slot(points[next]));
				}
			}
		}
		Arrays.fill(updated, (int) (points[size - 1] >>> shift), updated.length, slot(points[0]));
		return updated;
	}

	private static char slot(long point) {
		return (char) point;
	}

}
