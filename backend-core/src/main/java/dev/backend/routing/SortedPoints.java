package dev.backend.routing;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The points of a ring and what finds the one that follows a position. Immutable.
 * <p>
 * A look-up is bound by cache misses and mispredicted branches, not by instructions. The
 * upper bits of a position lead through an {@link PointIndex index}, with 1 to 2 points
 * per entry, to the first candidate; from there four points are compared without a
 * branch, which is nearly always enough. A large ring does not fit the cache: if keys
 * have few positions enough, it has their owners instead of the index, as
 * {@link OwnerRuns runs} or, where these would take as much room, as a {@link OwnerTable
 * table}.
 */
final class SortedPoints {

	/** A table is made when it has at most this many entries per point. */
	private static final int TABLE_ENTRIES_PER_POINT = 2;

	/** Runs are made when a table would have at most this many entries per point. */
	private static final int RUNS_ENTRIES_PER_POINT = 8;

	private final PointBuckets points;

	/** How many upper bits of a key's position count; the others are ones. */
	private final int keyBits;

	/** See {@link PointIndex}; empty if there are runs or a table. */
	private final char[] index;

	private final @Nullable OwnerRuns runs;

	/** See {@link OwnerTable}; empty if there is none. */
	private final char[] table;

	/** Those of the points, to spare the look-up a step. */
	private final int[][] buckets;

	private final int bucketShift;

	private final int indexShift;

	private SortedPoints(PointBuckets points, int keyBits, char[] index, @Nullable OwnerRuns runs, char[] table) {
		this.points = points;
		this.keyBits = keyBits;
		this.index = index;
		this.runs = runs;
		this.table = table;
		this.buckets = points.buckets();
		this.bucketShift = Integer.SIZE - points.slotBits();
		this.indexShift = Integer.SIZE - PointIndex.bits(points);
	}

	/**
	 * Returns no points.
	 * @param keyBits how many upper bits of a key's position count; the others must be
	 * ones
	 * @param slots how many slots there may be at least
	 */
	static SortedPoints empty(int keyBits, int slots) {
		PointBuckets points = PointBuckets.empty(slots);
		return new SortedPoints(points, keyBits, PointIndex.build(points), null, new char[0]);
	}

	/**
	 * Returns these points with room for more slots.
	 * @param slots how many slots there may be at least
	 */
	SortedPoints withSlots(int slots) {
		PointBuckets wider = this.points.withSlots(slots);
		return new SortedPoints(wider, this.keyBits, (this.index.length != 0) ? PointIndex.build(wider) : new char[0],
				this.runs, this.table);
	}

	/**
	 * Returns these points without those of some members and with others.
	 * @param gone the members whose points leave
	 * @param added the members whose points come, with slots that are free, also by those
	 * that leave
	 * @param ids the id in each slot afterwards
	 */
	SortedPoints update(List<MemberPoints> gone, List<MemberPoints> added, IntFunction<String> ids) {
		PointBuckets updated = this.points.update(gone, added, ids);
		if (hasAtMost(TABLE_ENTRIES_PER_POINT, updated)) {
			return new SortedPoints(updated, this.keyBits, new char[0], null, table(updated, gone, added));
		}
		if (hasAtMost(RUNS_ENTRIES_PER_POINT, updated)) {
			return new SortedPoints(updated, this.keyBits, new char[0], new OwnerRuns(updated, this.keyBits),
					new char[0]);
		}
		char[] index = (this.index.length != 0) ? PointIndex.update(this.index, this.points, updated)
				: PointIndex.build(updated);
		return new SortedPoints(updated, this.keyBits, index, null, new char[0]);
	}

	private boolean hasAtMost(int entriesPerPoint, PointBuckets points) {
		return 1L << this.keyBits <= (long) points.size() * entriesPerPoint && this.keyBits < Integer.SIZE;
	}

	private char[] table(PointBuckets updated, List<MemberPoints> gone, List<MemberPoints> added) {
		List<MemberPoints> changed = Stream.concat(gone.stream(), added.stream()).toList();
		long count = changed.stream().mapToLong((member) -> member.positions().length).sum();
		return (this.table.length != 0 && count < updated.size() / 8) ? OwnerTable.update(this.table, updated, changed)
				: OwnerTable.build(updated, this.keyBits);
	}

	/**
	 * Returns the slot that owns a key's position: that of the first point strictly after
	 * it. The ring must have points.
	 */
	int owner(int position) {
		char[] table = this.table;
		if (table.length != 0) {
			return table[position >>> Integer.SIZE - this.keyBits];
		}
		OwnerRuns runs = this.runs;
		return (runs != null) ? runs.owner(position) : scan(position);
	}

	private int scan(int position) {
		int slotBits = Integer.SIZE - this.bucketShift;
		int[] bucket = this.buckets[position >>> this.bucketShift];
		int start = this.index[position >>> this.indexShift];
		long limit = (long) (position << slotBits ^ Integer.MIN_VALUE) + (1 << slotBits);
		// The differences are negative exactly for the points before the limit.
		int passed = (int) (bucket[start] - limit >>> 63) + (int) (bucket[start + 1] - limit >>> 63)
				+ (int) (bucket[start + 2] - limit >>> 63) + (int) (bucket[start + 3] - limit >>> 63);
		int found = start + passed;
		if (passed == PointBuckets.WINDOW) {
			found = PointBuckets.search(bucket, found, limit);
		}
		return (found < PointBuckets.count(bucket)) ? bucket[found] & (1 << slotBits) - 1
				: this.points.slot(after(position));
	}

	/**
	 * Returns the first point strictly after a position. The ring must have points.
	 */
	long after(int position) {
		return this.points.atOrAfter(Integer.toUnsignedLong(position) + 1);
	}

	PointBuckets points() {
		return this.points;
	}

}
