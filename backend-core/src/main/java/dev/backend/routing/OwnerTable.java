package dev.backend.routing;

import java.util.Arrays;
import java.util.List;

/**
 * The owner of every position that a key can have, where keys have few positions enough:
 * a look-up is one step into an array that stays in the cache, whatever the number of
 * points.
 */
final class OwnerTable {

	private OwnerTable() {
	}

	/**
	 * Builds a table: entry e leads to the first point of a later entry.
	 * @param points the points, at least one
	 * @param bits how many upper bits of a position select an entry
	 */
	static char[] build(PointBuckets points, int bits) {
		char[] table = new char[1 << bits];
		points.forEach(new PointBuckets.Visitor() {

			private int from;

			@Override
			public void visit(long position, int slot) {
				int to = (int) (position >>> Integer.SIZE - bits);
				if (this.from < to) {
					Arrays.fill(table, this.from, to, (char) slot);
					this.from = to;
				}
			}

		});
		return table;
	}

	/**
	 * Returns a table after a change: entries keep their owners, except between a changed
	 * point and the one before it.
	 * @param table the present table
	 * @param points the points after the change, at least one
	 * @param changed the members whose points left or came
	 */
	static char[] update(char[] table, PointBuckets points, List<MemberPoints> changed) {
		char[] updated = table.clone();
		int shift = Integer.SIZE - Integer.numberOfTrailingZeros(table.length);
		for (MemberPoints member : changed) {
			for (int position : member.positions()) {
				int from = points.before(Integer.toUnsignedLong(position)) >>> shift;
				int to = position >>> shift;
				if (from < to) {
					long place = points.atOrAfter(Integer.toUnsignedLong(position));
					Arrays.fill(updated, from, to, (char) points.slot(place));
				}
			}
		}
		int last = points.before(1L << Integer.SIZE) >>> shift;
		Arrays.fill(updated, last, updated.length, (char) points.slot(points.atOrAfter(0)));
		return updated;
	}

}
