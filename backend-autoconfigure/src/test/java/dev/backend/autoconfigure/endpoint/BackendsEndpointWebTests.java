package dev.backend.autoconfigure.endpoint;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpState;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The endpoint {@code backends} over HTTP.
 */
@Timeout(60)
@SlowTest
class BackendsEndpointWebTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final List<EchoServer> servers = List.of(EchoServer.start("game-1"), EchoServer.start("game-2"),
			EchoServer.start("game-3"));

	private static ConfigurableApplicationContext context;

	@BeforeAll
	static void start() {
		context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.REACTIVE)
			.run("--server.port=0", "--management.endpoints.web.exposure.include=backends",
					"--management.endpoint.backends.access=unrestricted", "--backend.http.enabled=true",
					"--backend.tcp.removal=immediate", "--backend.discovery.loss-confirmation=0s");
	}

	@BeforeEach
	void discover() throws InterruptedException {
		context.getBean(InMemoryDiscovery.class)
			.push(servers.get(0).instance(), servers.get(1).instance(), tagged(), new DiscoveredInstance("pay", "pay-1",
					"http", "127.0.0.1", servers.get(0).port(), List.of(), Map.of()));
		tcp().drained().forEach((name, ids) -> ids.forEach((id) -> tcp().undrain(name, id).join()));
		tcp().suspended().forEach((name, ids) -> ids.forEach((id) -> tcp().resume(name, id).join()));
		await().until(() -> tcp().services().size() == 3);
		assertThat(tcp().awaitReady(LONG)).isTrue();
		assertThat(context.getBean(HttpBackend.class).awaitReady(LONG)).isTrue();
	}

	@AfterAll
	static void close() {
		context.close();
		servers.forEach(EchoServer::close);
	}

	@Test
	void routeTellsTheOwnerAndWhereTheKeyGoesWithoutIt() throws Exception {
		JsonNode route = get("/tcpBackend/route?service=Game&key=user-1", 200);
		assertThat(route.at("/service").asString()).isEqualTo("game");
		assertThat(route.at("/next").size()).isEqualTo(2);
		assertThat(route.at("/owner/port").asInt()).isPositive();
		String owner = route.at("/owner/id").asString();
		String next = route.at("/next/0/id").asString();
		tcp().drain("game", owner).join();
		route = get("/tcpBackend/route?service=game&key=user-1", 200);
		assertThat(route.at("/owner/id").asString()).isEqualTo(next);
		assertThat(route.at("/next").size()).isEqualTo(1);
		tcp().undrain("game", owner).join();
		route = get("/tcpBackend/route?service=game&key=user-1&tag=EU", 200);
		assertThat(route.at("/tag").asString()).isEqualTo("eu");
		assertThat(route.at("/owner/id").asString()).isEqualTo("game-3");
		assertThat(route.at("/next").size()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "/other,No backend 'other'", "/other/route?service=game&key=x,No backend 'other'",
			"/tcpBackend/route?service=mail&key=x,No service 'mail': no instance is known",
			"/tcpBackend/route?service=game&key=x&tag=us,No usable service game for key 'x' with tag 'us': 3 known",
			"/tcpBackend/rote?service=game&key=x,view: 'rote' (expected: route)" })
	void whatIsNotThereIsAnsweredWithTheReason(String path, String reason) throws Exception {
		assertThat(get(path, 404).at("/reason").asString()).contains(reason);
	}

	@Test
	void oneBackendIsShownWithItsRings() throws Exception {
		JsonNode group = get("/tcpBackend", 200).at("/groups/game");
		assertThat(group.at("/known").asInt()).isEqualTo(3);
		assertThat(group.at("/rings/0/tag").isNull()).isTrue();
		assertThat(group.at("/rings/0/shares/game-1").asDouble()).isBetween(0.1, 0.6);
		assertThat(group.at("/rings/1/tag").asString()).isEqualTo("eu");
		assertThat(group.at("/rings/1/shares/game-3").asDouble()).isEqualTo(1);
		get("/tcpBackend/route?service=game", 400);
	}

	@Test
	void whenAccessIsUnrestrictedThenServicesAreDrainedAndPutBack() throws Exception {
		JsonNode service = post("/tcpBackend/drain", "Game", "game-1", 200);
		assertThat(service.at("/id").asString()).isEqualTo("game-1");
		assertThat(service.at("/drained").asBoolean()).isTrue();
		assertThat(service.at("/state").asString()).isEqualTo("READY");
		JsonNode backend = get("/tcpBackend", 200);
		assertThat(backend.at("/drained/game/0").asString()).isEqualTo("game-1");
		assertThat(backend.at("/groups/game/usable").asInt()).isEqualTo(2);
		assertThat(post("/tcpBackend/undrain", "game", "game-1", 200).at("/drained").asBoolean()).isFalse();
		assertThat(tcp().group("game").routing().members()).hasSize(3);
		assertThat(post("/httpBackend/drain", "pay", "pay-1", 200).at("/drained").asBoolean()).isTrue();
		assertThat(context.getBean(HttpBackend.class).group("pay").routing().members()).isEmpty();
		post("/httpBackend/undrain", "pay", "pay-1", 200);
	}

	@Test
	void whenADrainedServiceIsGoneThenItCanBePutBackAllTheSame() throws Exception {
		post("/tcpBackend/drain", "game", "game-1", 200);
		context.getBean(InMemoryDiscovery.class).push(servers.get(1).instance(), tagged());
		await().until(() -> tcp().findService("game", "game-1") == null);
		assertThat(post("/tcpBackend/undrain", "{\"service\": \"game\", \"id\": \"game-1\"}").statusCode())
			.isEqualTo(204);
		assertThat(tcp().drained()).isEmpty();
	}

	@Test
	void whenAServiceIsToReconnectThenItHasAnotherConnection() throws Exception {
		TcpService<?> service = tcp().getService("game", "game-1");
		String connection = service.connectionName();
		post("/tcpBackend/reconnect", "game", "game-1", 200);
		await().until(() -> service.state() == TcpState.READY && !Objects.equals(service.connectionName(), connection));
		assertThat(post("/httpBackend/reconnect", "pay", "pay-1", 400).at("/reason").asString())
			.contains("pay/pay-1 at 127.0.0.1:", "reconnect (expected: drain or undrain");
	}

	@Test
	void whenAccessIsUnrestrictedThenServicesAreSuspendedAndResumed() throws Exception {
		JsonNode service = post("/tcpBackend/suspend", "Game", "game-1", 200);
		assertThat(service.at("/id").asString()).isEqualTo("game-1");
		assertThat(service.at("/suspended").asBoolean()).isTrue();
		assertThat(service.at("/drained").asBoolean()).isFalse();
		assertThat(service.at("/state").asString()).isEqualTo("SUSPENDED");
		assertThat(service.at("/connection").isNull()).isTrue();
		JsonNode backend = get("/tcpBackend", 200);
		assertThat(backend.at("/suspended/game/0").asString()).isEqualTo("game-1");
		assertThat(backend.at("/drained").size()).isZero();
		assertThat(backend.at("/groups/game/usable").asInt()).isEqualTo(2);
		assertThat(post("/tcpBackend/resume", "game", "game-1", 200).at("/suspended").asBoolean()).isFalse();
		await().until(() -> tcp().group("game").routing().members().size() == 3);
	}

	@Test
	void whenASuspendedServiceIsGoneThenItCanBeResumedAllTheSame() throws Exception {
		post("/tcpBackend/suspend", "game", "game-1", 200);
		context.getBean(InMemoryDiscovery.class).push(servers.get(1).instance(), tagged());
		await().until(() -> tcp().findService("game", "game-1") == null);
		assertThat(post("/tcpBackend/resume", "{\"service\": \"game\", \"id\": \"game-1\"}").statusCode())
			.isEqualTo(204);
		assertThat(tcp().suspended()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "suspend", "resume" })
	void whatKeepsNoConnectionsCannotBeSuspended(String operation) throws Exception {
		assertThat(post("/httpBackend/" + operation, "pay", "pay-1", 400).at("/reason").asString())
			.contains("pay/pay-1 at 127.0.0.1:", operation + " (expected: drain or undrain, no connection is kept)");
		assertThat(post("/httpBackend/" + operation, "pay", "pay-9", 404).at("/reason").asString())
			.contains("No service pay/pay-9");
		assertThat(get("/httpBackend", 200).at("/suspended").size()).isZero();
	}

	@Test
	void whatCannotBeChangedIsAnsweredWithTheReason() throws Exception {
		assertThat(post("/tcpBackend/drain", "game", "game-9", 404).at("/reason").asString())
			.contains("No service game/game-9: 3 known");
		assertThat(post("/tcpBackend/suspend", "game", "game-9", 404).at("/reason").asString())
			.contains("No service game/game-9: 3 known");
		assertThat(post("/tcpBackend/stop", "game", "game-1", 404).at("/reason").asString())
			.isEqualTo("operation: 'stop' (expected: one of [drain, undrain, reconnect, suspend, resume])");
		assertThat(post("/tcpBackend/drain", "{\"service\": \"game\"}").statusCode()).isEqualTo(400);
	}

	private static DiscoveredInstance tagged() {
		return new DiscoveredInstance("game", "game-3", "tcp", "127.0.0.1", servers.get(2).port(), List.of(),
				Map.of("routerTag", "eu"));
	}

	private static TcpBackend<?> tcp() {
		return context.getBean(TcpBackend.class);
	}

	private static JsonNode get(String path, int status) throws IOException, InterruptedException {
		return json(send(HttpRequest.newBuilder(uri(path))), status);
	}

	private static JsonNode post(String path, String service, String id, int status)
			throws IOException, InterruptedException {
		return json(post(path, "{\"service\": \"%s\", \"id\": \"%s\"}".formatted(service, id)), status);
	}

	private static HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
		return send(HttpRequest.newBuilder(uri(path))
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(body)));
	}

	private static JsonNode json(HttpResponse<String> response, int status) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
		return JsonMapper.shared().readTree(response.body());
	}

	private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return HttpClient.newHttpClient().send(request.timeout(LONG).build(), HttpResponse.BodyHandlers.ofString());
	}

	private static URI uri(String path) {
		return URI.create("http://127.0.0.1:%s/actuator/backends%s"
			.formatted(context.getEnvironment().getProperty("local.server.port"), path));
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		InMemoryDiscovery discovery() {
			return new InMemoryDiscovery();
		}

		@Bean
		LineCodec codec() {
			return new LineCodec();
		}

	}

}
