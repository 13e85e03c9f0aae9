package dev.backend.sample.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

import dev.backend.sample.SampleApplication;
import dev.backend.sample.server.Server;
import dev.backend.sample.server.Servers;
import dev.backend.test.FreePorts;
import dev.backend.test.SlowTest;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole sample on free ports, with all servers usable before each test.
 */
@SpringBootTest(classes = SampleApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureWebTestClient(timeout = "20s")
@SlowTest
abstract class AbstractSampleTests {

	@Autowired
	WebTestClient web;

	@Autowired
	Servers servers;

	@Autowired
	EventLog events;

	@Value("${sample.redis.port}")
	int redisPort;

	@DynamicPropertySource
	static void ports(DynamicPropertyRegistry registry) {
		int port = FreePorts.one();
		registry.add("sample.redis.port", () -> port);
		String ports = StringUtils.collectionToCommaDelimitedString(FreePorts.several(5));
		registry.add("sample.servers.ports", () -> ports);
	}

	@BeforeEach
	void startServers() {
		this.servers.all().forEach(Server::start);
		await().untilAsserted(() -> assertUsable("game-1", "game-2", "game-3", "pay-1", "pay-2"));
	}

	void assertUsable(String... ids) {
		List<ServiceView> services = fleet().services();
		assertThat(services).filteredOn(ServiceView::onRing)
			.allMatch((service) -> service.state().equals(service.service().equals("pay") ? "UP" : "READY"))
			.extracting(ServiceView::id)
			.containsExactly(ids);
	}

	FleetView fleet() {
		return get("/api/fleet", FleetView.class);
	}

	RouteController.Target route(String key) {
		return get("/api/route?key=" + key, RouteController.Target.class);
	}

	GameController.Reply request(String key, String text) {
		return post("/api/request?key=" + key, text, GameController.Reply.class);
	}

	PayController.Served pay(String key) {
		return get("/api/pay?key={key}", PayController.Served.class, key);
	}

	<T> T get(String path, Class<T> type, Object... variables) {
		return body(this.web.get().uri(path, variables), type);
	}

	<T> T post(String path, String text, Class<T> type) {
		return body(this.web.post().uri(path).bodyValue(text), type);
	}

	private <T> T body(WebTestClient.RequestHeadersSpec<?> request, Class<T> type) {
		return Objects.requireNonNull(request.exchangeSuccessfully().expectBody(type).returnResult().getResponseBody());
	}

	/** Asks for what cannot be, and reads why. */
	void assertProblem(WebTestClient.RequestHeadersSpec<?> request, HttpStatus status, Consumer<String> detail) {
		request.exchange()
			.expectStatus()
			.isEqualTo(status)
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody()
			.jsonPath("$.detail")
			.value(String.class, detail);
	}

	/** Returns what the log says of a server, the oldest first. */
	List<String> history(String id) {
		List<String> types = new ArrayList<>();
		this.events.stream()
			.filter((entry) -> entry.id().equals(id))
			.subscribe((entry) -> types.add(entry.type()))
			.dispose();
		return types;
	}

	/** The log may be behind the answers: to be awaited. */
	void assertReturned(String id) {
		List<String> history = history(id);
		assertThat(history).contains("disconnected");
		assertThat(history.subList(history.lastIndexOf("disconnected"), history.size()))
			.containsSubsequence("disconnected", "connected", "ready");
	}

	static ConditionFactory await() {
		return Awaitility.await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofSeconds(20));
	}

}
