package dev.backend.routing;

/**
 * The index into the sorted points of a ring: for each value of the upper bits of a
 * position, how many points lie before, and their number at the end. A plain array, so
 * that a look-up takes no further step.
 */
final class PointIndex {

	/** The bits of a point: 32 of its position, and its slot. */
	private static final int POINT_BITS = 32 + SortedPoints.SLOT_BITS;

	private PointIndex() {
	}

	/**
	 * Returns the length of an index: the greatest power of two within the number of
	 * points, and one.
	 */
	static int length(int size) {
		return Math.max(2, Integer.highestOneBit(size)) + 1;
	}

	/**
	 * Returns how many upper bits of a position select an entry.
	 */
	static int bits(int[] index) {
		return Integer.numberOfTrailingZeros(index.length - 1);
	}

	/**
	 * Builds an index. No branch depends on a position: a misprediction for every second
	 * point would take four times as long.
	 * @param points the sorted points
	 * @param size how many of the elements count
	 */
	static int[] build(long[] points, int size) {
		int[] index = new int[length(size)];
		int shift = POINT_BITS - bits(index);
		for (int i = 0; i < size; i++) {
			index[(int) (points[i] >>> shift) + 1] = i + 1;
		}
		for (int i = 1; i < index.length; i++) {
			index[i] = Math.max(index[i], index[i - 1]);
		}
		return index;
	}

	/**
	 * Returns an index after a change that leaves its length as it is: between two
	 * changed points, all entries change by the same number.
	 * @param index the present index
	 * @param gone the points that left, sorted
	 * @param added the points that came, sorted
	 */
	static int[] update(int[] index, long[] gone, long[] added) {
		int[] updated = index.clone();
		int shift = POINT_BITS - bits(index);
		int from = 0;
		int g = 0;
		int a = 0;
		while (g < gone.length || a < added.length) {
			boolean leaves = a == added.length || (g < gone.length && gone[g] < added[a]);
			int to = (int) ((leaves ? gone[g] : added[a]) >>> shift) + 1;
			add(updated, from, to, a - g);
			from = to;
			g += leaves ? 1 : 0;
			a += leaves ? 0 : 1;
		}
		add(updated, from, updated.length, a - g);
		return updated;
	}

	private static void add(int[] index, int from, int to, int number) {
		for (int i = from; i < to; i++) {
			index[i] += number;
		}
	}

}
