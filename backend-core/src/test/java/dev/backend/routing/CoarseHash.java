package dev.backend.routing;

/**
 * Lets keys have 256 positions only, so that small rings have a {@link OwnerTable}.
 */
final class CoarseHash extends PointHash {

	@Override
	int keyBits() {
		return 8;
	}

	@Override
	int keyPosition(String key) {
		return Crc32.ofUtf8(key) | -1 >>> 8;
	}

	@Override
	int pointCount(double weight) {
		return (int) (10 * weight);
	}

	@Override
	int[] memberPositions(String id, int count) {
		return BalancedHash.INSTANCE.memberPositions(id, count);
	}

}
