package dev.backend.routing;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The points of a ring in the order of their positions, each with the slot (number) of
 * the member it belongs to; of equal positions the lowest id is first. Immutable.
 * <p>
 * The circle is cut into as many buckets as there may be slots. The upper bits of a
 * position say the bucket, and so the lower bits and the slot fit into one {@code int}. A
 * change of members copies the buckets in which a point comes or goes, and shares the
 * others: of 10,000 members with 1,000 points each, one that leaves is in 6 % of them.
 * <p>
 * The highest bit of a point is flipped, so that the order of the numbers is that of the
 * unsigned positions. After its points, a bucket has a {@link #WINDOW} that is no point.
 */
final class PointBuckets {

	static final int MAXIMUM_SLOTS = 1 << 16;

	/** How many points may be read from one that is not beyond the last. */
	static final int WINDOW = 4;

	private final int slotBits;

	private final int[][] buckets;

	private final int size;

	private PointBuckets(int slotBits, int[][] buckets, int size) {
		this.slotBits = slotBits;
		this.buckets = buckets;
		this.size = size;
	}

	/**
	 * Returns no points.
	 * @param slots how many slots there may be at least
	 */
	static PointBuckets empty(int slots) {
		int slotBits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(slots, 2) - 1);
		int[][] buckets = new int[1 << slotBits][];
		Arrays.fill(buckets, bucket(0));
		return new PointBuckets(slotBits, buckets, 0);
	}

	private static int[] bucket(int count) {
		int[] bucket = new int[count + WINDOW];
		Arrays.fill(bucket, count, bucket.length, Integer.MAX_VALUE);
		return bucket;
	}

	/**
	 * Returns these points with room for more slots.
	 * @param slots how many slots there may be at least
	 */
	PointBuckets withSlots(int slots) {
		PointBuckets wider = empty(Math.max(slots, 1 << this.slotBits));
		int parts = wider.buckets.length / this.buckets.length;
		for (int i = 0; i < this.buckets.length; i++) {
			int from = 0;
			for (int part = 1; part <= parts; part++) {
				long end = (long) part * (1L << Integer.SIZE) / parts + Integer.MIN_VALUE;
				int to = search(this.buckets[i], from, end);
				wider.buckets[i * parts + part - 1] = widened(this.buckets[i], from, to, wider.slotBits);
				from = to;
			}
		}
		return new PointBuckets(wider.slotBits, wider.buckets, this.size);
	}

	/** The highest bits of the positions are those that now say the bucket. */
	private int[] widened(int[] points, int from, int to, int slotBits) {
		int[] bucket = bucket(to - from);
		for (int i = from; i < to; i++) {
			int position = (points[i] ^ Integer.MIN_VALUE) >>> this.slotBits;
			bucket[i - from] = position << slotBits ^ Integer.MIN_VALUE | slot(points[i]);
		}
		return bucket;
	}

	/**
	 * Returns these points without those of some members and with others.
	 * @param gone the members whose points leave
	 * @param added the members whose points come, with slots that are free, also by those
	 * that leave
	 * @param ids the id in each slot afterwards
	 */
	PointBuckets update(List<MemberPoints> gone, List<MemberPoints> added, IntFunction<String> ids) {
		int[] goneEnds = ends(gone);
		int[] addedEnds = ends(added);
		int[] goneByBucket = byBucket(gone, goneEnds.clone());
		int[] addedByBucket = byBucket(added, addedEnds.clone());
		int[][] updated = this.buckets.clone();
		for (int i = 0; i < updated.length; i++) {
			int goneFrom = (i > 0) ? goneEnds[i - 1] : 0;
			int addedFrom = (i > 0) ? addedEnds[i - 1] : 0;
			if (goneFrom < goneEnds[i] || addedFrom < addedEnds[i]) {
				int present = count(updated[i]) - (goneEnds[i] - goneFrom);
				int[] bucket = bucket(present + addedEnds[i] - addedFrom);
				copyWithout(updated[i], goneByBucket, goneFrom, goneEnds[i], bucket);
				sort(addedByBucket, addedFrom, addedEnds[i], ids);
				insert(bucket, present, addedByBucket, addedFrom, addedEnds[i], ids);
				updated[i] = bucket;
			}
		}
		return new PointBuckets(this.slotBits, updated,
				Math.addExact(this.size - goneByBucket.length, addedByBucket.length));
	}

	/** Returns how many points are in each bucket and those before it. */
	private int[] ends(List<MemberPoints> members) {
		int[] ends = new int[this.buckets.length];
		for (MemberPoints member : members) {
			for (int position : member.positions()) {
				ends[bucketOf(position)]++;
			}
		}
		for (int i = 1; i < ends.length; i++) {
			ends[i] = Math.addExact(ends[i], ends[i - 1]);
		}
		return ends;
	}

	/** Puts the points of each bucket together; unsorted, from the back. */
	private int[] byBucket(List<MemberPoints> members, int[] ends) {
		int[] points = new int[ends[ends.length - 1]];
		for (MemberPoints member : members) {
			for (int position : member.positions()) {
				points[--ends[bucketOf(position)]] = point(position) | member.slot();
			}
		}
		return points;
	}

	private void copyWithout(int[] present, int[] gone, int from, int to, int[] copy) {
		int[] places = new int[to - from];
		Arrays.sort(gone, from, to);
		for (int i = from; i < to; i++) {
			boolean again = i > from && gone[i] == gone[i - 1];
			int place = again ? places[i - from - 1] + 1 : search(present, 0, gone[i] & -1 << this.slotBits);
			while (present[place] != gone[i]) {
				place++;
			}
			places[i - from] = place;
		}
		Arrays.sort(places);
		int next = 0;
		for (int i = 0; i < places.length; i++) {
			System.arraycopy(present, next, copy, next - i, places[i] - next);
			next = places[i] + 1;
		}
		System.arraycopy(present, next, copy, next - places.length, count(present) - next);
	}

	/** From the back, into the room after the present points. */
	private void insert(int[] bucket, int present, int[] added, int from, int to, IntFunction<String> ids) {
		int end = present;
		for (int i = to - 1; i >= from; i--) {
			int low = 0;
			int high = end;
			while (low < high) {
				int middle = (low + high) >>> 1;
				if (isBefore(added[i], bucket[middle], ids)) {
					high = middle;
				}
				else {
					low = middle + 1;
				}
			}
			System.arraycopy(bucket, low, bucket, low + i - from + 1, end - low);
			bucket[low + i - from] = added[i];
			end = low;
		}
	}

	private void sort(int[] points, int from, int to, IntFunction<String> ids) {
		Arrays.sort(points, from, to);
		for (int i = from + 1; i < to; i++) {
			int point = points[i];
			int place = i;
			while (place > from && isBefore(point, points[place - 1], ids)) {
				points[place] = points[place - 1];
				place--;
			}
			points[place] = point;
		}
	}

	/** Compares points of the same bucket. */
	private boolean isBefore(int point, int other, IntFunction<String> ids) {
		int position = point >> this.slotBits;
		int otherPosition = other >> this.slotBits;
		return position < otherPosition
				|| (position == otherPosition && ids.apply(slot(point)).compareTo(ids.apply(slot(other))) < 0);
	}

	/**
	 * Returns the first point that is not before a position.
	 * @param position from 0 to 2^32, which is that of the next turn; there must be
	 * points
	 * @return the point, for {@link #slot(long)} and its like
	 */
	long atOrAfter(long position) {
		if (position >>> Integer.SIZE != 0) {
			return at(0, 0);
		}
		int bucket = bucketOf((int) position);
		return at(bucket, search(this.buckets[bucket], 0, point((int) position)));
	}

	/**
	 * Returns the position of the last point that is before a position.
	 * @param position from 0 to 2^32
	 * @return the position, or 0 if there is none
	 */
	int before(long position) {
		boolean nextTurn = position >>> Integer.SIZE != 0;
		int bucket = nextTurn ? this.buckets.length - 1 : bucketOf((int) position);
		int[] points = this.buckets[bucket];
		int index = (nextTurn ? count(points) : search(points, 0, point((int) position))) - 1;
		while (index < 0) {
			if (--bucket < 0) {
				return 0;
			}
			index = count(this.buckets[bucket]) - 1;
		}
		return position(place(bucket, index));
	}

	/**
	 * Returns the point that follows another, the first after the last.
	 */
	long next(long place) {
		return at((int) (place >>> Integer.SIZE), (int) place + 1);
	}

	/** Goes on to the next bucket, or those after it, where one has no more points. */
	private long at(int bucket, int index) {
		int[][] buckets = this.buckets;
		int b = bucket;
		int i = index;
		while (i >= count(buckets[b])) {
			b = (b + 1 < buckets.length) ? b + 1 : 0;
			i = 0;
		}
		return place(b, i);
	}

	private static long place(int bucket, int index) {
		return (long) bucket << Integer.SIZE | index;
	}

	/**
	 * Returns the index of the first point of a bucket, from some index on, that is not
	 * before a limit, or the number of points.
	 */
	static int search(int[] bucket, int from, long limit) {
		int low = from;
		int high = count(bucket);
		while (low < high) {
			int middle = (low + high) >>> 1;
			if (bucket[middle] < limit) {
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
	 */
	int slot(long place) {
		return slot(this.buckets[(int) (place >>> Integer.SIZE)][(int) place]);
	}

	/**
	 * Returns the position of a point.
	 */
	int position(long place) {
		int bucket = (int) (place >>> Integer.SIZE);
		int point = this.buckets[bucket][(int) place] ^ Integer.MIN_VALUE;
		return bucket << Integer.SIZE - this.slotBits | point >>> this.slotBits;
	}

	/**
	 * Goes through the points in order, and then to the first once more, as if it were at
	 * the end of the circle.
	 */
	void forEach(Visitor visitor) {
		int lowBits = Integer.SIZE - this.slotBits;
		for (int i = 0; i < this.buckets.length; i++) {
			int[] bucket = this.buckets[i];
			long start = (long) i << lowBits;
			int count = count(bucket);
			for (int j = 0; j < count; j++) {
				visitor.visit(start + ((bucket[j] ^ Integer.MIN_VALUE) >>> this.slotBits), slot(bucket[j]));
			}
		}
		visitor.visit(1L << Integer.SIZE, slot(atOrAfter(0)));
	}

	private int slot(int point) {
		return point & (1 << this.slotBits) - 1;
	}

	/** Returns the least point of a position. */
	private int point(int position) {
		return position << this.slotBits ^ Integer.MIN_VALUE;
	}

	private int bucketOf(int position) {
		return position >>> Integer.SIZE - this.slotBits;
	}

	/**
	 * Returns the number of points in a bucket.
	 */
	static int count(int[] bucket) {
		return bucket.length - WINDOW;
	}

	/**
	 * Returns the buckets themselves, for the look-up.
	 */
	int[][] buckets() {
		return this.buckets;
	}

	int slotBits() {
		return this.slotBits;
	}

	/**
	 * Returns the number of points.
	 */
	int size() {
		return this.size;
	}

	/**
	 * Is shown points.
	 */
	interface Visitor {

		void visit(long position, int slot);

	}

}
