package dev.backend.routing;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ConsistentHash#gobase()}: Go services on the same registry must come
 * to the same owners.
 */
class GobaseHashTests {

	private final HashRing<String> ring = ConsistentHash.gobase().ring(PointRingTests.members(4)).without("game-0");

	@ParameterizedTest
	@CsvSource({ "user-1, game-2", "10086, game-1", "玩家42, game-2" })
	void keysHaveTheOwnersThatGobaseGivesThem(String key, String owner) {
		assertThat(this.ring.owner(key)).isEqualTo(owner);
	}

	@Test
	void aKeyAfterTheLastPointWrapsToTheFirst() {
		PointBuckets points = ((PointRing<String>) this.ring).points().points();
		assertThat(Integer.toUnsignedLong(Crc32.ofUtf8("k1025")))
			.isGreaterThan(Integer.toUnsignedLong(points.before(1L << 32)));
		assertThat(this.ring.owner("k1025")).isEqualTo("game-1");
	}

	@Test
	void aKeyAtAPointBelongsToTheNextPoint() {
		assertThat(this.ring.owner("0game-1")).isEqualTo("game-2");
	}

	@Test
	void aMemberHasTwentyPoints() {
		assertThat(((PointRing<String>) this.ring).points().points().size()).isEqualTo(60);
	}

	@Test
	void weightsAreIgnored() {
		RingMember<String> heavy = new RingMember<>("game-2", 7.5, "game-2");
		assertThat(this.ring.with(heavy).shares()).isEqualTo(this.ring.shares());
	}

	@Test
	void ofEqualPointsTheLowestIdOwnsWhateverTheOrderOfArrival() {
		// CRC-32 is linear: where one point of two ids collides, all of them do.
		RingMember<String> lower = new RingMember<>("game-1fdc0ee9", 1, "lower");
		RingMember<String> higher = new RingMember<>("game-5fb19e8e", 1, "higher");
		assertThat(Crc32.ofUtf8("0" + lower.id())).isEqualTo(Crc32.ofUtf8("0" + higher.id()));
		HashRing<String> empty = ConsistentHash.gobase().ring(List.of());
		assertThat(empty.with(lower).with(higher).owner("user-1")).isEqualTo("lower");
		HashRing<String> ring = empty.with(higher).with(lower);
		assertThat(ring.owner("user-1")).isEqualTo("lower");
		assertThat(ring.owners("user-1", 2)).containsExactly("lower", "higher");
		assertThat(ring.shares()).containsExactly(Map.entry(lower.id(), 1.0), Map.entry(higher.id(), 0.0));
		assertThat(ring.without(lower.id()).owner("user-1")).isEqualTo("higher");
	}

}
