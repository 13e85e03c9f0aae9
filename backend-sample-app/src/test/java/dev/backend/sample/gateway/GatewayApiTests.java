package dev.backend.sample.gateway;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.SendResult;
import dev.backend.routing.HashRing.Arc;
import dev.backend.sample.server.Server;
import org.junit.jupiter.api.Test;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

/**
 * What the gateway answers.
 */
class GatewayApiTests extends AbstractSampleTests {

	@Test
	void requestIsAnsweredByOwnerOfKey() {
		this.web.post()
			.uri("/api/request?key=user-1")
			.bodyValue("héllo 玩家")
			.exchangeSuccessfully()
			.expectHeader()
			.contentType(MediaType.APPLICATION_JSON)
			.expectBody()
			.json("{\"service\":\"game\",\"id\":\"%s\",\"reply\":\"héllo 玩家\"}".formatted(route("user-1").id()));
	}

	@Test
	void requestWithTagIsAnsweredByServerWithTag() {
		for (int i = 0; i < 20; i++) {
			assertThat(request("user-" + i + "&tag=us", "hello").id()).isEqualTo("game-3");
			assertThat(request("user-" + i + "&tag=EU", "hello").id()).isIn("game-1", "game-2");
		}
	}

	@Test
	void routeNamesOwnerAndThoseWhoFollow() {
		RouteController.Target target = route("user-1");
		assertThat(target.service()).isEqualTo("game");
		assertThat(target.next()).hasSize(2).doesNotContain(target.id());
		assertThat(route("user-1&tag=us"))
			.isEqualTo(new RouteController.Target("game", "game-3", Set.of("us"), List.of()));
	}

	@Test
	void broadcastReachesAllServers() {
		assertThat(post("/api/broadcast", "hear", GameController.Outcome.class))
			.isEqualTo(new GameController.Outcome("game", 3, 3,
					Map.of("game-1", SendResult.ACCEPTED, "game-2", SendResult.ACCEPTED, "game-3", SendResult.ACCEPTED),
					List.of("game-1", "game-2", "game-3")));
	}

	@Test
	void ringCoversCircle() {
		RingView ring = get("/api/ring", RingView.class);
		assertThat(ring.shares()).containsOnlyKeys("game-1", "game-2", "game-3");
		ring.shares()
			.forEach((id, share) -> assertThat(share).isCloseTo(
					ring.arcs().stream().filter((arc) -> arc.id().equals(id)).mapToDouble(this::length).sum(),
					within(1e-6)));
		assertThat(ring.arcs().stream().mapToDouble(this::length).sum()).isCloseTo(1, within(1e-6));
		assertThat(get("/api/ring?tag=us", RingView.class).shares()).containsExactly(Map.entry("game-3", 1.0));
	}

	@Test
	void ringAndRouteOfPayAreThoseOfItsInstances() {
		RouteController.Target target = get("/api/route?service=pay&key=user-1", RouteController.Target.class);
		assertThat(target.service()).isEqualTo("pay");
		assertThat(target.next()).hasSize(1).doesNotContain(target.id());
		assertThat(get("/api/ring?service=pay", RingView.class).shares()).containsOnlyKeys("pay-1", "pay-2");
	}

	@Test
	void whenServiceIsUnknownThenNotFoundSaysSo() {
		for (String path : List.of("/api/route?key=user-1&service=mail", "/api/ring?service=mail")) {
			assertProblem(this.web.get().uri(path), HttpStatus.NOT_FOUND,
					(detail) -> assertThat(detail).startsWith("No service 'mail'"));
		}
	}

	@Test
	void whenNoServerHasTagThenNotFoundSaysWhoIsThere() {
		assertProblem(this.web.post().uri("/api/request?key=user-1&tag=mars"), HttpStatus.NOT_FOUND,
				(detail) -> assertThat(detail)
					.startsWith("No usable service game for key 'user-1' with tag 'mars': 3 known: "));
		for (String path : List.of("/api/route?key=user-1&tag=mars", "/api/ring?tag=mars")) {
			assertProblem(this.web.get().uri(path), HttpStatus.NOT_FOUND, (detail) -> assertThat(detail).isNotEmpty());
		}
	}

	@Test
	void whenKeyIsMissingThenBadRequest() {
		assertProblem(this.web.post().uri("/api/request"), HttpStatus.BAD_REQUEST,
				(detail) -> assertThat(detail).isEqualTo("Required query parameter 'key' is not present."));
	}

	@Test
	void whenTextIsTooLongThenContentTooLargeSaysHowLongItMayBe() {
		assertProblem(this.web.post().uri("/api/request?key=user-1").bodyValue("a".repeat(70_000)),
				HttpStatus.CONTENT_TOO_LARGE, (detail) -> assertThat(detail).contains("game/",
						"(expected: at most 65536, backend.tcp.limits.frame-bytes)"));
		assertThat(request("user-1", "goes on").reply()).isEqualTo("goes on");
	}

	@Test
	void whenBodyIsSentAsAFormAsCurlDoesThenItIsTakenAsText() {
		this.web.post()
			.uri("/api/request?key=user-1")
			.contentType(MediaType.APPLICATION_FORM_URLENCODED)
			.bodyValue("a=b&c")
			.exchange()
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.reply")
			.isEqualTo("a=b&c");
	}

	@Test
	void whenServerIsUnknownThenNotFoundSaysWhichThereAre() {
		assertProblem(this.web.post().uri("/api/servers/game-9/stop"), HttpStatus.NOT_FOUND,
				(detail) -> assertThat(detail)
					.isEqualTo("server: game-9 (expected: one of [game-1, game-2, game-3, pay-1, pay-2])"));
	}

	@Test
	void eventsAndFleetAreStreamed() {
		List<String> lines = this.web.get()
			.uri("/api/events")
			.accept(MediaType.TEXT_EVENT_STREAM)
			.exchangeSuccessfully()
			.returnResult(String.class)
			.getResponseBody()
			.takeUntil((line) -> line.contains("\"registryState\":\"UP\""))
			.collectList()
			.block();
		assertThat(lines).anySatisfy((line) -> assertThat(line).contains("\"type\":\"ready\"", "\"id\":\"game-1\""));
	}

	@Test
	void pageIsServedAndNeedsNothingFromElsewhere() {
		for (String path : List.of("/", "/page.js", "/ring.js", "/page.css", "/icon.svg")) {
			String content = get(path, String.class);
			assertThat(content.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http://", "https://");
		}
	}

	@Test
	void pageShowsServersOfBothServicesAndAsksBoth() {
		assertThat(fleet().servers()).extracting(ServerView::service, ServerView::id, ServerView::state)
			.endsWith(tuple("pay", "pay-1", Server.State.RUNNING), tuple("pay", "pay-2", Server.State.RUNNING))
			.hasSize(5);
		assertThat(get("/", String.class)).contains("two HTTP pay servers", "id=\"pay\"");
		assertThat(get("/page.js", String.class)).contains("api/pay?", "api/request?", "service: 'pay'");
	}

	@Test
	void healthShowsRegistryAndServices() {
		this.web.get()
			.uri("/actuator/health")
			.exchangeSuccessfully()
			.expectBody()
			.jsonPath("$.status")
			.isEqualTo("UP")
			.jsonPath("$.components.tcpBackend.status")
			.isEqualTo("UP")
			.jsonPath("$.components.httpBackend.status")
			.isEqualTo("UP");
	}

	private double length(Arc arc) {
		return arc.to() - arc.from();
	}

}
