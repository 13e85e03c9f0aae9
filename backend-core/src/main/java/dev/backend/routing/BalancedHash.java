package dev.backend.routing;

/**
 * {@link ConsistentHash#balanced()}.
 * <p>
 * 1,000 points: a member's share then deviates from the mean by 1/√1000 = 3.2 %, so the
 * largest of 100 exceeds it by 8 %, and by 15 % in one fleet of some thousand. 19 bits of
 * a key: more would not fit the cache; in a fleet of 1,000, where two points share a
 * position on average, the largest share exceeds the mean by 13 % instead of 10 %.
 */
final class BalancedHash extends PointHash {

	static final BalancedHash INSTANCE = new BalancedHash();

	private static final int POINTS = 1000;

	/** A {@link OwnerTable} then takes 1 MiB. */
	private static final int KEY_BITS = 19;

	private static final double LEAST_WEIGHT = 0.01;

	private static final double GREATEST_WEIGHT = 10;

	private BalancedHash() {
	}

	@Override
	int keyBits() {
		return KEY_BITS;
	}

	@Override
	int keyPosition(String key) {
		return (int) (XxHash64.ofUtf16(key) >>> 32) | -1 >>> KEY_BITS;
	}

	@Override
	int pointCount(double weight) {
		return (int) Math.round(POINTS * Math.min(Math.max(weight, LEAST_WEIGHT), GREATEST_WEIGHT));
	}

	@Override
	int[] memberPositions(String id, int count) {
		int[] positions = new int[count];
		long seed = XxHash64.ofUtf16(id);
		for (int i = 0; i < count; i++) {
			positions[i] = memberPosition(seed, i);
		}
		return positions;
	}

	@Override
	int memberPosition(String id, int index) {
		return memberPosition(XxHash64.ofUtf16(id), index);
	}

	private static int memberPosition(long seed, int index) {
		return (int) (SplitMix64.mix(seed + (index + 1) * SplitMix64.GAMMA) >>> 32);
	}

	@Override
	public String toString() {
		return "balanced";
	}

}
