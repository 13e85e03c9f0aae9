package dev.backend.autoconfigure.observation;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.tcp.TcpBackend;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.tracing.Tracer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/**
 * Which of several fleets are observed.
 */
@Timeout(60)
class FleetObservationTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final EchoServer server = EchoServer.start("1");

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				TcpObservationAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(at("game"), at("chat")))
		.withBean(TracedLineCodec.class)
		.withBean(ObservationRegistry.class, () -> this.registry)
		.withPropertyValues("backend.tcp.fleets.game.services=game", "backend.tcp.fleets.chat.services=chat",
				"backend.tcp.await-ready=20s");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@ParameterizedTest
	@CsvSource({ "false, backend.tcp.fleets.game.observations.enabled=true, backend.tcp.removal=drain",
			"true, backend.tcp.fleets.chat.observations.enabled=false, backend.tcp.removal=drain",
			"false, backend.tcp.observations.enabled=true, backend.tcp.fleets.chat.observations.enabled=false",
			"true, backend.tcp.observations.enabled=false, backend.tcp.fleets.game.observations.enabled=true" })
	void aFleetIsObservedIfItSaysSoOrThereIsATracerAndItDoesNotRefuse(boolean traced, String first, String second) {
		ApplicationContextRunner runner = traced ? this.runner.withBean(Tracer.class, LinkingTracer::new) : this.runner;
		runner.withPropertyValues(first, second).run((context) -> {
			request(context, "chat");
			request(context, "game");
			TestObservationRegistryAssert.assertThat(this.registry)
				.hasNumberOfObservationsWithNameEqualTo("backend.tcp.request", 1)
				.hasObservationWithNameEqualTo("backend.tcp.request")
				.that()
				.hasLowCardinalityKeyValue("backend", "gameTcpBackend")
				.hasLowCardinalityKeyValue("service.name", "game");
		});
	}

	@SuppressWarnings("unchecked")
	private static void request(ApplicationContext context, String service) {
		TcpBackend<Line> backend = context.getBean(service + "TcpBackend", TcpBackend.class);
		backend.request(service, Route.any(), new Line(1, "hello"), LONG).join();
	}

	private DiscoveredInstance at(String service) {
		return new DiscoveredInstance(service, "1", "tcp", "127.0.0.1", this.server.port(), List.of(), Map.of());
	}

}
