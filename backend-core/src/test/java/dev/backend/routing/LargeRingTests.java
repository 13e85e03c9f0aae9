package dev.backend.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for rings that are too large for {@link RingModel}, with and without a
 * {@link OwnerTable}: whatever changes led to them, each position that a key can have
 * belongs to the same member as on a plain sorted list of points.
 */
class LargeRingTests {

	/** How many are looked at. */
	private static final long POSITIONS = 1 << 20;

	@ParameterizedTest
	@ValueSource(ints = { 50, 150, 261, 600 })
	void whenBalancedThenEachPositionHasTheOwnerOfAPlainRing(int size) {
		Random random = new Random(size);
		Map<String, RingMember<String>> members = new TreeMap<>();
		HashRing<String> ring = ConsistentHash.balanced().ring(List.of());
		while (members.size() < size) {
			ring = changeAtRandom(ring, members, random, size / 4);
		}
		for (int i = 0; i < 20; i++) {
			ring = changeAtRandom(ring, members, random, 2);
		}
		assertOwners((PointRing<String>) ring, BalancedHash.INSTANCE, List.copyOf(members.values()), 1 << 32 - 19);
		Set<String> most = new HashSet<>(List.copyOf(members.keySet()).subList(3, members.size() - 5));
		members.keySet().removeAll(most);
		assertOwners((PointRing<String>) ring.update(List.of(), most), BalancedHash.INSTANCE,
				List.copyOf(members.values()), 1 << 32 - 19);
	}

	private static HashRing<String> changeAtRandom(HashRing<String> ring, Map<String, RingMember<String>> members,
			Random random, int count) {
		Map<String, RingMember<String>> put = new TreeMap<>();
		Set<String> removed = new HashSet<>();
		for (int i = 0; i < count; i++) {
			String id = "game-" + random.nextInt(100_000);
			put.put(id, new RingMember<>(id, (random.nextInt(4) == 0) ? 0.5 : 1, id));
		}
		List<String> present = new ArrayList<>(members.keySet());
		for (int i = 0; i < count / 4 + 1 && !present.isEmpty(); i++) {
			removed.add(present.get(random.nextInt(present.size())));
		}
		members.keySet().removeAll(removed);
		members.putAll(put);
		return ring.update(put.values(), removed);
	}

	@Test
	void whenMoreComeThanThereIsRoomForThenThoseThatAreThereAreNotHashed() {
		Set<String> hashed = new HashSet<>();
		PointHash algorithm = new CrowdedHash() {

			@Override
			int[] memberPositions(String id, int count) {
				hashed.add(id);
				return super.memberPositions(id, count);
			}

		};
		HashRing<String> ring = algorithm.ring(PointRingTests.members(8));
		hashed.clear();
		ring = ring.with(new RingMember<>("newcomer", 1, "newcomer"));
		assertThat(ring.size()).isEqualTo(9);
		assertThat(hashed).containsExactly("newcomer");
	}

	@Test
	void whenAllPointsAreInOneBucketThenEachPositionHasTheOwnerOfAPlainRing() {
		List<RingMember<String>> members = PointRingTests.members(80);
		HashRing<String> ring = new CrowdedHash().ring(members.subList(0, 40));
		for (int i = 40; i < 80; i++) {
			ring = ring.with(members.get(i));
		}
		assertOwners((PointRing<String>) ring, new CrowdedHash(), members, 0x6fff_f000, 1);
		assertOwners((PointRing<String>) ring, new CrowdedHash(), members, 1 << 12);
		assertOwners((PointRing<String>) ring.without("game-7"), new CrowdedHash(),
				members.stream().filter((member) -> !member.id().equals("game-7")).toList(), 1 << 12);
		assertThat(ring.any(80)).hasSize(80);
	}

	@Test
	void whenAPointIsAtTheEndOfTheCircleThenItOwnsWhatIsBeforeIt() {
		PointHash algorithm = new EndHash();
		List<RingMember<String>> members = PointRingTests.members(12);
		HashRing<String> ring = algorithm.ring(members.subList(0, 11)).with(members.get(11));
		assertOwners((PointRing<String>) ring, algorithm, members, 1 << 24);
		assertOwners((PointRing<String>) ring.without("game-0"), algorithm, members.subList(1, 12), 1 << 24);
	}

	private static void assertOwners(PointRing<String> ring, PointHash algorithm, List<RingMember<String>> members,
			int step) {
		assertOwners(ring, algorithm, members, 0, step);
	}

	/**
	 * Checks the last of each so many positions.
	 */
	private static void assertOwners(PointRing<String> ring, PointHash algorithm, List<RingMember<String>> members,
			long start, int step) {
		List<String> ids = members.stream().map(RingMember::id).sorted().toList();
		long[] points = members.stream().flatMapToLong((member) -> {
			int rank = ids.indexOf(member.id());
			return Arrays.stream(algorithm.memberPositions(member.id(), algorithm.pointCount(member.weight())))
				.mapToLong((position) -> Integer.toUnsignedLong(position) << 16 | rank);
		}).sorted().toArray();
		int next = 0;
		int different = 0;
		long end = Math.min(1L << 32, start + POSITIONS * step);
		for (long position = start + step - 1; position < end; position += step) {
			while (next < points.length && points[next] >>> 16 <= position) {
				next++;
			}
			String expected = ids.get((int) points[(next < points.length) ? next : 0] & 0xFFFF);
			different += ring.member(ring.points().owner((int) position)).id().equals(expected) ? 0 : 1;
		}
		assertThat(different).isZero();
		assertThat(ring.size()).isEqualTo(members.size());
		assertThat(ring.points().points().size()).isEqualTo(points.length);
	}

	/**
	 * Crowds all points into a small part of the circle, where each position has some.
	 */
	private static class CrowdedHash extends PointHash {

		@Override
		int keyBits() {
			return 32;
		}

		@Override
		int keyPosition(String key) {
			return key.hashCode();
		}

		@Override
		int pointCount(double weight) {
			return 1500;
		}

		@Override
		int[] memberPositions(String id, int count) {
			int[] positions = BalancedHash.INSTANCE.memberPositions(id, count);
			Arrays.setAll(positions, (i) -> 0x7000_0000 | positions[i] >>> 16);
			return positions;
		}

	}

	/**
	 * Puts the first point of each member at the end of the circle, far from the others.
	 */
	private static final class EndHash extends PointHash {

		@Override
		int keyBits() {
			return 8;
		}

		@Override
		int keyPosition(String key) {
			return key.hashCode() | -1 >>> 8;
		}

		@Override
		int pointCount(double weight) {
			return 40;
		}

		@Override
		int[] memberPositions(String id, int count) {
			int[] positions = BalancedHash.INSTANCE.memberPositions(id, count);
			Arrays.setAll(positions, (i) -> (i == 0) ? -1 : positions[i] >>> 1);
			return positions;
		}

	}

}
