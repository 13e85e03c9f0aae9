package dev.backend.routing;

/**
 * Knows eight positions only, among them the first and the last, so that points collide
 * with one another and with keys. A weight is a number of points.
 */
final class CollidingHash extends PointHash {

	@Override
	int keyBits() {
		return 32;
	}

	@Override
	int keyPosition(String key) {
		int position = Crc32.ofUtf8(key) & 7;
		return (position == 7) ? -1 : position << 29;
	}

	@Override
	int pointCount(double weight) {
		return (int) weight;
	}

	@Override
	int[] memberPositions(String id, int count) {
		int[] positions = new int[count];
		for (int i = 0; i < count; i++) {
			positions[i] = keyPosition(i + id);
		}
		return positions;
	}

}
