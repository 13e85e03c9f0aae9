package dev.backend.routing;

/**
 * {@link ConsistentHash#gobase()}.
 */
final class GobaseHash extends PointHash {

	static final GobaseHash INSTANCE = new GobaseHash();

	private static final int POINTS = 20;

	private GobaseHash() {
	}

	@Override
	int keyBits() {
		return 32;
	}

	@Override
	int keyPosition(String key) {
		return Crc32.ofUtf8(key);
	}

	@Override
	int pointCount(double weight) {
		return POINTS;
	}

	@Override
	int[] memberPositions(String id, int count) {
		int[] positions = new int[count];
		for (int i = 0; i < count; i++) {
			positions[i] = Crc32.ofUtf8(i + id);
		}
		return positions;
	}

	@Override
	public String toString() {
		return "gobase";
	}

}
