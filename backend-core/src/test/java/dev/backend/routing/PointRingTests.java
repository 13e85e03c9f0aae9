package dev.backend.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.backend.routing.HashRing.Arc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for {@link PointRing} that hold for every algorithm.
 */
class PointRingTests {

	private static final int IDS = 16;

	static final List<PointHash> ALGORITHMS = List.of(GobaseHash.INSTANCE, BalancedHash.INSTANCE, new CollidingHash(),
			new CoarseHash());

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void whenChangedAnyNumberOfTimesThenEqualsARingBuiltFromScratch(PointHash algorithm) {
		Random random = new Random(1);
		Map<String, RingMember<String>> members = new TreeMap<>();
		HashRing<String> ring = algorithm.ring(List.of());
		for (int i = 0; i < 150; i++) {
			ring = changeAtRandom(ring, members, random);
			assertSamePoints(ring, algorithm.ring(members.values()));
			assertAgreesWithModel(ring, new RingModel(algorithm, members.values()), members, random);
		}
	}

	private static HashRing<String> changeAtRandom(HashRing<String> ring, Map<String, RingMember<String>> members,
			Random random) {
		if (random.nextInt(3) == 0) {
			String id = "game-" + random.nextInt(IDS);
			members.remove(id);
			return ring.without(id);
		}
		if (random.nextInt(3) == 0) {
			return changeSeveral(ring, members, random);
		}
		RingMember<String> member = randomMember(random);
		members.put(member.id(), member);
		return ring.with(member);
	}

	private static HashRing<String> changeSeveral(HashRing<String> ring, Map<String, RingMember<String>> members,
			Random random) {
		Map<String, RingMember<String>> put = new HashMap<>();
		Set<String> removed = new HashSet<>();
		for (int i = random.nextInt(8); i >= 0; i--) {
			RingMember<String> member = randomMember(random);
			put.put(member.id(), member);
			removed.add("game-" + random.nextInt(IDS));
		}
		members.keySet().removeAll(removed);
		members.putAll(put);
		return ring.update(put.values(), removed);
	}

	private static RingMember<String> randomMember(Random random) {
		String id = "game-" + random.nextInt(IDS);
		return new RingMember<>(id, 1 + random.nextInt(3), id + " of " + random.nextInt(1000));
	}

	private static void assertSamePoints(HashRing<String> ring, HashRing<String> expected) {
		assertThat(points(ring)).isEqualTo(points(expected));
		assertThat(ring.shares()).isEqualTo(expected.shares());
		for (Point point : points(ring)) {
			for (int position = point.position() - 1; position <= point.position() + 1; position++) {
				assertThat(ownerAt(ring, position)).isEqualTo(ownerAt(expected, position));
			}
		}
	}

	private static List<Point> points(HashRing<String> ring) {
		PointBuckets points = ((PointRing<String>) ring).points().points();
		List<Point> list = new ArrayList<>();
		for (long place = (points.size() > 0) ? points.atOrAfter(0) : 0; list.size() < points.size(); place = points
			.next(place)) {
			list.add(new Point(points.position(place), ((PointRing<String>) ring).member(points.slot(place)).id()));
		}
		return list;
	}

	private static String ownerAt(HashRing<String> ring, int position) {
		PointRing<String> points = (PointRing<String>) ring;
		return points.member(points.points().owner(position)).id();
	}

	private record Point(int position, String id) {

	}

	private static void assertAgreesWithModel(HashRing<String> ring, RingModel model,
			Map<String, RingMember<String>> members, Random random) {
		assertThat(ring.size()).isEqualTo(members.size());
		for (int i = 0; i < 5; i++) {
			String key = "user-" + random.nextInt(1_000_000);
			List<String> expected = model.owners(key)
				.stream()
				.map((id) -> Objects.requireNonNull(members.get(id)).value())
				.toList();
			assertThat(ring.owner(key)).isEqualTo(expected.isEmpty() ? null : expected.get(0));
			assertThat(ring.owners(key, 3)).isEqualTo(expected.subList(0, Math.min(3, expected.size())));
			assertThat(ring.owners(key, 1000)).isEqualTo(expected);
		}
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void whenMemberLeavesThenOnlyItsKeysMoveAndToTheNextOwner(PointHash algorithm) {
		HashRing<String> before = algorithm.ring(members(20));
		for (String leaver : List.of("game-0", "game-7", "game-19")) {
			HashRing<String> after = before.without(leaver);
			for (String key : (Iterable<String>) keys(20_000)::iterator) {
				List<String> owners = before.owners(key, 2);
				String expected = owners.get(0).equals(leaver) ? owners.get(1) : owners.get(0);
				assertThat(after.owner(key)).isEqualTo(expected);
			}
		}
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void whenMemberJoinsThenKeysMoveToItOnly(PointHash algorithm) {
		HashRing<String> before = algorithm.ring(members(20));
		HashRing<String> after = before.with(new RingMember<>("newcomer", 1, "newcomer"));
		for (String key : (Iterable<String>) keys(20_000)::iterator) {
			assertThat(after.owner(key)).isIn(before.owner(key), "newcomer");
		}
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void whenChangedThenTheRingItselfStaysAsItIs(PointHash algorithm) {
		HashRing<String> ring = algorithm.ring(members(5));
		List<String> owners = keys(1000).map(ring::owner).toList();
		Map<String, Double> shares = ring.shares();
		ring.without("game-2").with(new RingMember<>("game-3", 3, "other")).with(new RingMember<>("a", 1, "a"));
		assertThat(keys(1000).map(ring::owner)).isEqualTo(owners);
		assertThat(ring.shares()).isEqualTo(shares);
		assertThat(ring.size()).isEqualTo(5);
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void sharesAndArcsAreThoseOfTheModel(PointHash algorithm) {
		for (int size = 1; size < 8; size++) {
			List<RingMember<String>> members = members(size);
			HashRing<String> ring = algorithm.ring(members);
			Map<String, Long> owned = ownedPositions(new RingModel(algorithm, members), algorithm.keyBits());
			Map<String, Double> lengths = new HashMap<>();
			ring.arcs().forEach((arc) -> lengths.merge(arc.id(), arc.to() - arc.from(), Double::sum));
			double sum = 0;
			for (RingMember<String> member : members) {
				double expected = (double) owned.getOrDefault(member.id(), 0L) / (1L << 32);
				assertThat(ring.shares().get(member.id())).isEqualTo(expected);
				assertThat(lengths.getOrDefault(member.id(), 0.0)).isEqualTo(expected);
				sum += expected;
			}
			assertThat(sum).isEqualTo(1);
			assertThat(ring.shares()).hasSize(size);
		}
	}

	private static Map<String, Long> ownedPositions(RingModel model, int keyBits) {
		Map<String, Long> owned = new HashMap<>();
		List<RingModel.Point> points = model.points();
		long unit = 1L << 32 - keyBits;
		long from = points.get(points.size() - 1).position() / unit * unit - (1L << 32);
		for (RingModel.Point point : points) {
			long to = point.position() / unit * unit;
			owned.merge(point.id(), to - from, Long::sum);
			from = to;
		}
		return owned;
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void arcsCoverTheCircleAndNeighboursDiffer(PointHash algorithm) {
		List<Arc> arcs = algorithm.ring(members(4)).arcs();
		assertThat(arcs.get(0).from()).isZero();
		assertThat(arcs.get(arcs.size() - 1).to()).isEqualTo(1);
		for (int i = 1; i < arcs.size(); i++) {
			assertThat(arcs.get(i).from()).isEqualTo(arcs.get(i - 1).to());
			assertThat(arcs.get(i).id()).isNotEqualTo(arcs.get(i - 1).id());
		}
		assertThat(arcs).allMatch((arc) -> arc.from() < arc.to());
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void arcsSayWhoOwnsAKey(PointHash algorithm) {
		HashRing<String> ring = algorithm.ring(members(4));
		List<Arc> arcs = ring.arcs();
		keys(1000).forEach((key) -> {
			double position = Integer.toUnsignedLong(algorithm.keyPosition(key)) / (double) (1L << 32);
			assertThat(arcs).filteredOn((arc) -> arc.from() <= position && position < arc.to())
				.extracting(Arc::id)
				.containsExactly(ring.owner(key));
		});
	}

	@Test
	void sharesAgreeWithSampledKeys() {
		for (ConsistentHash algorithm : List.of(ConsistentHash.gobase(), ConsistentHash.balanced())) {
			HashRing<String> ring = algorithm.ring(members(10));
			Map<String, Integer> counts = new HashMap<>();
			keys(200_000).forEach((key) -> counts.merge(ring.owner(key), 1, Integer::sum));
			ring.shares()
				.forEach((id, share) -> assertThat(counts.getOrDefault(id, 0) / 200_000.0).as(id)
					.isEqualTo(share, within(0.005)));
		}
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void whenEmptyThenNobodyOwnsAnything(PointHash algorithm) {
		HashRing<String> never = algorithm.ring(List.of());
		for (HashRing<String> ring : List.of(never, algorithm.ring(members(1)).without("game-0"))) {
			assertThat(ring.owner("user-1")).isNull();
			assertThat(ring.owners("user-1", 2)).isEmpty();
			assertThat(ring.any()).isNull();
			assertThat(ring.any(2)).isEmpty();
			assertThat(ring.size()).isZero();
			assertThat(ring.shares()).isEmpty();
			assertThat(ring.arcs()).isEmpty();
		}
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void whenSingleThenOwnsEverything(PointHash algorithm) {
		HashRing<String> ring = algorithm.ring(members(1));
		assertThat(keys(1000).map(ring::owner)).containsOnly("game-0");
		assertThat(ring.owners("user-1", 2)).containsExactly("game-0");
		assertThat(ring.any()).isEqualTo("game-0");
		assertThat(ring.shares()).containsExactly(Map.entry("game-0", 1.0));
		assertThat(ring.arcs()).containsExactly(new Arc(0, 1, "game-0"));
	}

	@ParameterizedTest
	@FieldSource("ALGORITHMS")
	void anySpreadsOverAllMembers(PointHash algorithm) {
		HashRing<String> ring = algorithm.ring(members(5));
		Map<String, Integer> counts = new HashMap<>();
		for (int i = 0; i < 50_000; i++) {
			counts.merge(ring.any(), 1, Integer::sum);
		}
		assertThat(counts.values()).hasSize(5).allMatch((count) -> Math.abs(count - 10_000) < 1000);
		assertThat(ring.any(5)).containsExactlyInAnyOrder("game-0", "game-1", "game-2", "game-3", "game-4");
		assertThat(ring.any(3)).hasSize(3).doesNotHaveDuplicates();
	}

	@Test
	void thoseThatStayAreNotHashed() {
		CountingHash algorithm = new CountingHash();
		HashRing<String> ring = algorithm.ring(members(5));
		assertThat(algorithm.hashed).hasSize(5);
		HashRing<String> replaced = ring.with(new RingMember<>("game-2", 1, "other"));
		HashRing<String> reduced = replaced.without("game-4");
		assertThat(algorithm.hashed).hasSize(6).endsWith("game-4");
		assertThat(((PointRing<String>) replaced).points()).isSameAs(((PointRing<String>) ring).points());
		assertThat(reduced.owners("user-1", 5)).contains("other").doesNotContain("game-2");
		reduced.with(new RingMember<>("game-2", 2, "heavier"));
		assertThat(algorithm.hashed.subList(6, algorithm.hashed.size())).containsOnly("game-2");
	}

	@Test
	void whenAnIdIsPutAndRemovedThenItIsPut() {
		HashRing<String> ring = ConsistentHash.gobase().ring(members(2));
		assertThat(ring.update(List.of(new RingMember<>("game-1", 1, "other")), Set.of("game-1")).owners("user-1", 9))
			.containsExactlyInAnyOrder("game-0", "other");
	}

	@Test
	void whenTwoMembersHaveTheSameIdThenSaysSo() {
		Collection<RingMember<String>> members = List.of(new RingMember<>("game-1", 1, "a"),
				new RingMember<>("game-1", 1, "b"));
		assertThatIllegalArgumentException().isThrownBy(() -> ConsistentHash.gobase().ring(members))
			.withMessage("members: id 'game-1' twice (expected: unique)");
	}

	@Test
	void whenCountIsNegativeThenSaysSo() {
		HashRing<String> ring = ConsistentHash.gobase().ring(members(2));
		assertThatIllegalArgumentException().isThrownBy(() -> ring.owners("user-1", -1))
			.withMessage("count: -1 (expected: at least 0)");
		assertThat(ring.owners("user-1", 0)).isEmpty();
	}

	static List<RingMember<String>> members(int count) {
		return IntStream.range(0, count).mapToObj((i) -> new RingMember<>("game-" + i, 1, "game-" + i)).toList();
	}

	static Stream<String> keys(int count) {
		return IntStream.range(0, count).mapToObj((i) -> "user-" + i);
	}

	/**
	 * Notes whose positions were computed.
	 */
	private static final class CountingHash extends PointHash {

		private final List<String> hashed = new ArrayList<>();

		@Override
		int keyBits() {
			return 32;
		}

		@Override
		int keyPosition(String key) {
			return GobaseHash.INSTANCE.keyPosition(key);
		}

		@Override
		int pointCount(double weight) {
			return (int) (20 * weight);
		}

		@Override
		int[] memberPositions(String id, int count) {
			this.hashed.add(id);
			return GobaseHash.INSTANCE.memberPositions(id, count);
		}

	}

}
