package dev.backend.sample.gateway;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.backend.sample.server.Server;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.data.redis.core.StringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where the requests for a key go while servers come and go.
 */
class FailoverTests extends AbstractSampleTests {

	@Test
	void sameServerAnswersAllRequestsForKey() {
		String owner = route("user-1").id();
		for (int i = 0; i < 1000; i++) {
			assertThat(request("user-1", "hello " + i))
				.isEqualTo(new GameController.Reply("game", owner, "hello " + i));
		}
	}

	@Test
	void whenOwnerStopsThenKeyMovesToNextOwnerAndBackWhenItStarts() {
		String owner = movesAndReturns(this::stopForGood, "stop");
		await().untilAsserted(() -> assertThat(history(owner)).endsWith("ready", "disconnected", "removed", "added",
				"connected", "ready"));
	}

	@Test
	void whenOwnerIsKilledThenKeyMovesToNextOwnerAndBackWhenItStarts() {
		String owner = movesAndReturns(Server::kill, "kill");
		await().untilAsserted(() -> assertReturned(owner));
	}

	@Test
	void whenServerIsKilledThenItsEntryStaysUntilItExpires() {
		this.servers.get("game-3").kill();
		await().untilAsserted(() -> assertUsable("game-1", "game-2", "pay-1", "pay-2"));
		assertThat(fleet().services()).extracting(ServiceView::id).contains("game-3");
		await().atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(fleet().services()).extracting(ServiceView::id).doesNotContain("game-3"));
	}

	@Test
	void whenTheRegistryHasLostServersThatAreDownThenTheyAreShownAsHeld(@Autowired StringRedisTemplate redis) {
		List<String> games = List.of("game-1", "game-2", "game-3");
		games.forEach((id) -> this.servers.get(id).kill());
		redis.delete("sample-games");
		await().untilAsserted(() -> assertThat(fleet().services()).filteredOn(ServiceView::held)
			.filteredOn((service) -> service.service().equals("game"))
			.extracting(ServiceView::id)
			.containsExactlyElementsOf(games));
		games.forEach((id) -> this.servers.get(id).start());
		await().untilAsserted(() -> assertThat(fleet().services()).noneMatch(ServiceView::held));
	}

	/** If it starts again before the gateway has read that it is gone, it has moved. */
	private void stopForGood(Server server) {
		server.stop();
		await().untilAsserted(() -> assertThat(history(server.id())).endsWith("disconnected", "removed"));
	}

	private String movesAndReturns(Consumer<Server> end, String key) {
		RouteController.Target before = route(key);
		Server owner = this.servers.get(before.id());
		end.accept(owner);
		await().untilAsserted(() -> assertThat(request(key, "away").id()).isEqualTo(before.next().get(0)));
		owner.start();
		await().untilAsserted(() -> assertThat(request(key, "back").id()).isEqualTo(before.id()));
		assertThat(route(key)).isEqualTo(before);
		return owner.id();
	}

}
