package dev.backend.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for {@link ConsistentHash#balanced()}.
 */
class BalancedHashTests {

	@Test
	void positionsStayTheSameInAllVersions() {
		assertThat(BalancedHash.INSTANCE.keyPosition("user-123456")).isEqualTo(0x424FFFFF);
		assertThat(BalancedHash.INSTANCE.keyPosition("玩家42")).isEqualTo(0x3287BFFF);
		assertThat(BalancedHash.INSTANCE.keyPosition("")).isEqualTo(0xEF46DFFF);
		assertThat(BalancedHash.INSTANCE.memberPositions("game-1", 3)).containsExactly(0x06C9BDEB, 0xAF353F8F,
				0x6ADEB428);
	}

	@ParameterizedTest
	@CsvSource({ "user-1, game-3", "10086, game-3", "玩家42, game-3", "user-123456, game-2", "'', game-3" })
	void ownersStayTheSameInAllVersions(String key, String owner) {
		HashRing<String> ring = ConsistentHash.balanced().ring(PointRingTests.members(4)).without("game-0");
		assertThat(ring.owner(key)).isEqualTo(owner);
	}

	@Test
	void sharesAreWithin15PercentOfTheMeanAmongAHundredMembers() {
		String[] keys = IntStream.range(0, 1_000_000).mapToObj((i) -> "user-" + i).toArray(String[]::new);
		Random random = new Random(20);
		for (int set = 0; set < 20; set++) {
			HashRing<Integer> ring = ConsistentHash.balanced().ring(randomMembers(random));
			int[] counts = new int[100];
			for (String key : keys) {
				counts[Objects.requireNonNull(ring.owner(key))]++;
			}
			assertThat(IntStream.of(counts).max().orElseThrow() / 10_000.0).isLessThanOrEqualTo(1.15);
		}
	}

	private static List<RingMember<Integer>> randomMembers(Random random) {
		List<RingMember<Integer>> members = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			members.add(new RingMember<>("game-" + Long.toHexString(random.nextLong()), 1, i));
		}
		return members;
	}

	@Test
	void whenOneOfAHundredLeavesThenOnlyItsKeysMove() {
		HashRing<String> ring = ConsistentHash.balanced().ring(PointRingTests.members(100));
		HashRing<String> without = ring.without("game-42");
		PointRingTests.keys(1_000_000).forEach((key) -> {
			String owner = ring.owner(key);
			if (!"game-42".equals(owner) && !Objects.equals(owner, without.owner(key))) {
				throw new AssertionError(key + " moved from " + owner + " to " + without.owner(key));
			}
		});
	}

	@Test
	void sharesAreInProportionToTheWeights() {
		Map<String, Double> shares = ConsistentHash.balanced()
			.ring(List.of(new RingMember<>("half", 0.5, 1), new RingMember<>("normal", 1, 2),
					new RingMember<>("triple", 3, 3), new RingMember<>("other", 5.5, 4)))
			.shares();
		assertThat(shares.get("half")).isEqualTo(0.05, within(0.005));
		assertThat(shares.get("normal")).isEqualTo(0.1, within(0.01));
		assertThat(shares.get("triple")).isEqualTo(0.3, within(0.02));
	}

	@ParameterizedTest
	@CsvSource({ "0, 10", "0.01, 10", "0.0149, 15", "1, 1000", "9.9999, 10000", "10, 10000", "1e300, 10000" })
	void pointsAreInProportionToTheWeightWithinBounds(double weight, int expected) {
		assertThat(BalancedHash.INSTANCE.pointCount(weight)).isEqualTo(expected);
	}

	@Test
	void whenAWeightChangesThenKeysMoveFromOrToThatMemberOnly() {
		HashRing<String> ring = ConsistentHash.balanced().ring(PointRingTests.members(10));
		HashRing<String> heavier = ring.with(new RingMember<>("game-3", 1.5, "game-3"));
		HashRing<String> lighter = ring.with(new RingMember<>("game-3", 0.5, "game-3"));
		PointRingTests.keys(50_000).forEach((key) -> {
			assertThat(heavier.owner(key)).isIn(ring.owner(key), "game-3");
			if (!"game-3".equals(ring.owner(key))) {
				assertThat(lighter.owner(key)).isEqualTo(ring.owner(key));
			}
		});
	}

}
