package dev.backend.sample.gateway;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

import dev.backend.sample.server.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.http.HttpStatus;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which of the pay servers serves a key over HTTP.
 */
class PayTests extends AbstractSampleTests {

	@Test
	void sameServerServesAllRequestsForKey() {
		Set<String> seen = new TreeSet<>();
		for (int i = 0; i < 20; i++) {
			String owner = owner("user-" + i).id();
			for (int j = 0; j < 10; j++) {
				assertThat(pay("user-" + i)).isEqualTo(new PayController.Served("pay", owner));
			}
			seen.add(owner);
		}
		assertThat(seen).containsExactly("pay-1", "pay-2");
	}

	@Test
	void keyMayBeAnyText() {
		assertThat(pay("a/b?c 玩家&tag=eu").id()).isEqualTo(owner("a/b?c 玩家&tag=eu").id());
	}

	@ParameterizedTest
	@EnumSource(End.class)
	void whenOwnerEndsThenOtherServesAtOnceAndWhenItStartsKeyReturns(End end) {
		RouteController.Target before = owner("user-1");
		Server owner = this.servers.get(before.id());
		end.of.accept(owner);
		for (int i = 0; i < 100; i++) {
			assertThat(pay("user-1").id()).isEqualTo(before.next().get(0));
		}
		await().untilAsserted(() -> assertThat(owner("user-1").id()).isEqualTo(before.next().get(0)));
		owner.start();
		await().untilAsserted(() -> assertThat(pay("user-1").id()).isEqualTo(before.id()));
		assertThat(owner("user-1")).isEqualTo(before);
		await().untilAsserted(() -> assertReturned(before.id()));
	}

	@Test
	void whenNoServerIsUsableThenNotFoundSaysWhy() {
		this.servers.get("pay-1").kill();
		this.servers.get("pay-2").kill();
		await().untilAsserted(() -> assertUsable("game-1", "game-2", "game-3"));
		assertProblem(this.web.get().uri("/api/pay?key=user-1"), HttpStatus.NOT_FOUND,
				(detail) -> assertThat(detail).containsAnyOf("No usable service pay", "No service 'pay'"));
		assertThat(request("user-1", "goes on").reply()).isEqualTo("goes on");
	}

	@Test
	void whenKeyIsMissingThenBadRequest() {
		assertProblem(this.web.get().uri("/api/pay"), HttpStatus.BAD_REQUEST,
				(detail) -> assertThat(detail).isEqualTo("Required query parameter 'key' is not present."));
	}

	private RouteController.Target owner(String key) {
		return get("/api/route?service=pay&key={key}", RouteController.Target.class, key);
	}

	enum End {

		STOP(Server::stop), KILL(Server::kill);

		private final Consumer<Server> of;

		End(Consumer<Server> of) {
			this.of = of;
		}

	}

}
