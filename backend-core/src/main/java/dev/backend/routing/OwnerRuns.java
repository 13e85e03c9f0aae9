package dev.backend.routing;

import java.util.Arrays;

/**
 * What an {@link OwnerTable} holds in less room, for rings that have few points for its
 * size: neighbouring entries with the same owner are one run. A look-up counts the bits
 * that say where runs start, without a branch.
 */
final class OwnerRuns {

	/** A bit for each entry at which a run starts. */
	private final long[] starts;

	/** How many runs start before each of these words. */
	private final int[] before;

	/** The owners of the runs, if a byte can hold them; empty otherwise. */
	private final byte[] narrow;

	/** The owners of the runs otherwise. */
	private final char[] wide;

	private final int shift;

	/**
	 * Finds the runs of a ring.
	 * @param points the points, at least one
	 * @param bits how many upper bits of a position select an entry, at least 6
	 */
	OwnerRuns(PointBuckets points, int bits) {
		this.shift = Integer.SIZE - bits;
		this.starts = new long[1 << bits - 6];
		this.before = new int[this.starts.length];
		char[] owners = new char[Math.min(1 << bits, points.size() + 1)];
		int runs = fill(points, owners);
		for (int i = 1; i < this.before.length; i++) {
			this.before[i] = this.before[i - 1] + Long.bitCount(this.starts[i - 1]);
		}
		boolean fits = points.slotBits() <= Byte.SIZE;
		this.wide = fits ? new char[0] : Arrays.copyOf(owners, runs);
		this.narrow = new byte[fits ? runs : 0];
		for (int i = 0; i < this.narrow.length; i++) {
			this.narrow[i] = (byte) owners[i];
		}
	}

	/** Returns the number of runs. */
	private int fill(PointBuckets points, char[] owners) {
		int[] state = new int[2];
		points.forEach((position, slot) -> {
			int from = state[0];
			int to = (int) (position >>> this.shift);
			if (from < to) {
				int runs = state[1];
				if (runs == 0 || owners[runs - 1] != slot) {
					owners[runs] = (char) slot;
					state[1] = runs + 1;
					this.starts[from >>> 6] |= 1L << from;
				}
				state[0] = to;
			}
		});
		return state[1];
	}

	/**
	 * Returns the slot that owns a position.
	 */
	int owner(int position) {
		int entry = position >>> this.shift;
		int word = entry >>> 6;
		int run = this.before[word] + Long.bitCount(this.starts[word] << ~entry) - 1;
		byte[] narrow = this.narrow;
		return (narrow.length != 0) ? narrow[run] & 0xFF : this.wide[run];
	}

}
