package dev.backend.routing;

import java.util.Arrays;

/**
 * The index into the points of a ring: for each value of the upper bits of a position, a
 * cell, how many points of its bucket lie before. A plain array, so that a look-up takes
 * no further step.
 */
final class PointIndex {

	private PointIndex() {
	}

	/**
	 * Returns how many upper bits of a position select a cell: with as many cells as the
	 * greatest power of two within the number of points, and at least one in each bucket.
	 */
	static int bits(PointBuckets points) {
		return Math.max(points.slotBits(), Integer.SIZE - 1 - Integer.numberOfLeadingZeros(points.size() | 1));
	}

	/**
	 * Builds an index.
	 */
	static char[] build(PointBuckets points) {
		char[] index = new char[1 << bits(points)];
		for (int bucket = 0; bucket < points.buckets().length; bucket++) {
			fill(index, points.buckets(), bucket);
		}
		return index;
	}

	/**
	 * Returns an index after a change that leaves the number of buckets as it is.
	 * @param index the present index
	 * @param before the points before
	 * @param after the points after
	 */
	static char[] update(char[] index, PointBuckets before, PointBuckets after) {
		if (index.length != 1 << bits(after)) {
			return build(after);
		}
		char[] updated = index.clone();
		for (int bucket = 0; bucket < after.buckets().length; bucket++) {
			if (after.buckets()[bucket] != before.buckets()[bucket]) {
				fill(updated, after.buckets(), bucket);
			}
		}
		return updated;
	}

	/**
	 * Fills the cells of a bucket. No branch depends on a position: a misprediction for
	 * every second point would take four times as long.
	 */
	private static void fill(char[] index, int[][] buckets, int bucket) {
		int[] points = buckets[bucket];
		int cells = index.length / buckets.length;
		int from = bucket * cells;
		int to = from + cells;
		Arrays.fill(index, from, to, '\0');
		long scale = cells;
		int count = PointBuckets.count(points);
		for (int i = 0; i < count; i++) {
			long cell = ((points[i] ^ Integer.MIN_VALUE) & 0xFFFFFFFFL) * scale >>> Integer.SIZE;
			if (cell + 1 < cells) {
				index[from + (int) cell + 1] = (char) Math.min(i + 1, Character.MAX_VALUE);
			}
		}
		for (int i = from + 1; i < to; i++) {
			index[i] = (char) Math.max(index[i], index[i - 1]);
		}
	}

}
