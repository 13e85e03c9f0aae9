package dev.backend.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

import dev.backend.Route;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link RoutingTable}.
 */
class RoutingTableTests {

	private static final RoutedInstance<String> GAME_1 = member("game-1", "eu");

	private static final RoutedInstance<String> GAME_2 = member("game-2", "eu", "new");

	private static final RoutedInstance<String> GAME_3 = member("game-3", "us");

	private final RoutingTable<String> empty = RoutingTable.empty(ConsistentHash.gobase());

	private final RoutingTable<String> table = this.empty.update(List.of(GAME_1, GAME_2, GAME_3));

	@Test
	void findsTheOwnerAmongAll() {
		assertThat(this.table.find("user-1")).isEqualTo("game-2");
		assertThat(this.table.find(Route.hash("10086"))).isEqualTo("game-1");
		assertThat(this.table.find(Route.hash("10086"), 3)).startsWith("game-1")
			.containsExactlyInAnyOrder("game-1", "game-2", "game-3");
	}

	@Test
	void findsTheOwnerAmongThoseWithATag() {
		assertThat(this.table.find("user-1", "us")).isEqualTo("game-3");
		assertThat(this.table.find(Route.hash("user-1").tag("US"))).isEqualTo("game-3");
		assertThat(this.table.find(Route.hash("user-1").tag("eu"), 5)).containsExactlyInAnyOrder("game-1", "game-2");
		assertThat(this.table.find(Route.any().tag("new"))).isEqualTo("game-2");
		assertThat(this.table.find(Route.any().tag("eu"), 5)).containsExactlyInAnyOrder("game-1", "game-2");
	}

	@Test
	void whenNobodyHasTheTagThenFindsNobody() {
		assertThat(this.table.find("user-1", "asia")).isNull();
		assertThat(this.table.find(Route.any().tag("asia"))).isNull();
		assertThat(this.table.find(Route.hash("user-1").tag("asia"), 2)).isEmpty();
		assertThat(this.table.ring("asia")).isNull();
	}

	@Test
	void whenEmptyThenFindsNobody() {
		assertThat(this.empty.find("user-1")).isNull();
		assertThat(this.empty.find(Route.any())).isNull();
		assertThat(this.empty.find(Route.any(), 2)).isEmpty();
		assertThat(this.empty.get("game-1")).isNull();
		assertThat(this.empty.members()).isEmpty();
		assertThat(this.empty.tags()).isEmpty();
		assertThat(this.empty.ring().size()).isZero();
	}

	@Test
	void anyRouteSpreadsOverAllMembers() {
		assertThat(IntStream.range(0, 1000).mapToObj((i) -> this.table.find(Route.any()))).containsOnly("game-1",
				"game-2", "game-3");
	}

	@Test
	void knowsItsMembersAndTags() {
		assertThat(this.table.members()).containsExactly("game-1", "game-2", "game-3");
		assertThat(this.table.get("game-2")).isEqualTo("game-2");
		assertThat(this.table.tags()).containsExactlyInAnyOrder("eu", "us", "new");
		assertThat(Objects.requireNonNull(this.table.ring("eu")).size()).isEqualTo(2);
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> this.table.members().clear());
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> this.table.tags().clear());
	}

	@Test
	void whenNothingChangesThenIsTheSameTable() {
		assertThat(this.table.update(List.of(GAME_3, GAME_1, member("game-2", "new", "eu")))).isSameAs(this.table);
	}

	@Test
	void whenATagLosesItsLastMemberThenItsRingVanishes() {
		RoutingTable<String> without = this.table.update(List.of(GAME_1, GAME_2));
		assertThat(without.tags()).containsExactlyInAnyOrder("eu", "new");
		assertThat(without.find("user-1", "us")).isNull();
		assertThat(without.ring("eu")).isSameAs(this.table.ring("eu"));
		assertThat(this.table.find("user-1", "us")).isEqualTo("game-3");
	}

	@Test
	void whenTagsChangeThenTheMemberMovesBetweenRings() {
		RoutingTable<String> moved = this.table.update(List.of(GAME_1, member("game-2", "us"), GAME_3));
		assertThat(moved.tags()).containsExactlyInAnyOrder("eu", "us");
		assertThat(Objects.requireNonNull(moved.ring("us")).shares()).containsOnlyKeys("game-2", "game-3");
		assertThat(Objects.requireNonNull(moved.ring("eu")).shares()).containsOnlyKeys("game-1");
		assertThat(moved.ring().shares()).isEqualTo(this.table.ring().shares());
	}

	@Test
	void whenAValueIsReplacedByAnEqualOneThenLookUpsReturnTheNewOne() {
		String replacement = new String("game-2");
		RoutingTable<String> replaced = this.table
			.update(List.of(GAME_1, new RoutedInstance<>("game-2", 1, Set.of("eu", "new"), replacement), GAME_3));
		assertThat(replaced.find("user-1")).isSameAs(replacement);
		assertThat(replaced.find("user-1", "new")).isSameAs(replacement);
		assertThat(replaced.get("game-2")).isSameAs(replacement);
		assertThat(replaced.ring("us")).isSameAs(this.table.ring("us"));
	}

	@Test
	void whenTwoMembersHaveTheSameIdThenSaysSo() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.empty.update(List.of(GAME_1, GAME_1)))
			.withMessage("members: id 'game-1' twice (expected: unique)");
	}

	@Test
	void whenUpdatedAnyNumberOfTimesThenEqualsATableBuiltAtOnce() {
		Random random = new Random(3);
		Map<String, RoutedInstance<String>> members = new TreeMap<>();
		RoutingTable<String> updated = RoutingTable.empty(ConsistentHash.balanced());
		for (int i = 0; i < 200; i++) {
			changeAtRandom(members, random);
			updated = updated.update(members.values());
			assertEquivalent(updated, RoutingTable.<String>empty(ConsistentHash.balanced()).update(members.values()),
					random);
		}
	}

	private static void changeAtRandom(Map<String, RoutedInstance<String>> members, Random random) {
		for (int i = random.nextInt(4); i >= 0; i--) {
			String id = "game-" + random.nextInt(12);
			if (random.nextInt(3) == 0) {
				members.remove(id);
			}
			else {
				List<String> tags = new ArrayList<>(List.of("eu", "us", "new"));
				tags.removeIf((tag) -> random.nextBoolean());
				members.put(id, new RoutedInstance<>(id, 0.1 + random.nextInt(2), Set.copyOf(tags),
						id + " of " + random.nextInt(100)));
			}
		}
	}

	private static void assertEquivalent(RoutingTable<String> table, RoutingTable<String> expected, Random random) {
		assertThat(table.members()).containsExactlyInAnyOrderElementsOf(expected.members());
		assertThat(table.tags()).isEqualTo(expected.tags());
		assertThat(table.ring().shares()).isEqualTo(expected.ring().shares());
		for (int i = 0; i < 20; i++) {
			Route route = Route.hash("user-" + random.nextInt(1_000_000));
			assertThat(table.find(route, 9)).isEqualTo(expected.find(route, 9));
			for (String tag : expected.tags()) {
				assertThat(table.find(route.tag(tag), 9)).isEqualTo(expected.find(route.tag(tag), 9));
			}
		}
	}

	private static RoutedInstance<String> member(String id, String... tags) {
		return new RoutedInstance<>(id, 1, Set.of(tags), id);
	}

}
