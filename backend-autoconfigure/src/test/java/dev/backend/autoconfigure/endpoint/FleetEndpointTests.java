package dev.backend.autoconfigure.endpoint;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

import dev.backend.ServiceNotFoundException;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.BackendDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.CountsDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.FleetDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.ServiceDescriptor;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The endpoint {@code backends} of several fleets.
 */
@Timeout(60)
class FleetEndpointTests {

	private final EchoServer server = EchoServer.start("1");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				BackendsEndpointAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(at("game"), at("chat")))
		.withBean(LineCodec.class)
		.withPropertyValues("management.endpoints.web.exposure.include=backends",
				"backend.tcp.fleets.game.services=game,battle-*", "backend.tcp.fleets.chat.services=chat",
				"backend.tcp.await-ready=20s");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void everyFleetIsDescribedByTheNameOfItsBean() {
		this.runner.run((context) -> {
			BackendsEndpoint endpoint = context.getBean(BackendsEndpoint.class);
			assertThat(endpoint.backends().backends()).containsOnlyKeys("gameTcpBackend", "chatTcpBackend");
			BackendDescriptor game = endpoint.backend("gameTcpBackend");
			assertThat(game.fleet()).isEqualTo(new FleetDescriptor("game", new TreeSet<>(Set.of("game", "battle-*"))));
			assertThat(game.groups()).containsOnlyKeys("game");
			assertThat(game.discovery().services()).extracting(CountsDescriptor::leftOut)
				.isEqualTo(Map.of("not asked for", 1));
			assertThat(endpoint.backend("chatTcpBackend").groups()).containsOnlyKeys("chat");
		});
	}

	@Test
	void anOperationIsThatOfOneFleet() {
		this.runner.run((context) -> {
			BackendsEndpoint endpoint = context.getBean(BackendsEndpoint.class);
			endpoint.change("gameTcpBackend", "drain", "game", "1");
			endpoint.change("chatTcpBackend", "suspend", "chat", "1");
			assertThat(service(endpoint, "game")).returns(true, ServiceDescriptor::drained)
				.returns(false, ServiceDescriptor::suspended);
			assertThat(service(endpoint, "chat")).returns(false, ServiceDescriptor::drained)
				.returns(true, ServiceDescriptor::suspended);
			assertThat(endpoint.backend("gameTcpBackend").drained()).containsOnlyKeys("game");
			assertThat(endpoint.backend("chatTcpBackend").drained()).isEmpty();
			assertThatExceptionOfType(ServiceNotFoundException.class)
				.isThrownBy(() -> endpoint.change("gameTcpBackend", "drain", "chat", "1"))
				.withMessageContaining("known service names: [game]");
			assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> endpoint.backend("tcpBackend"))
				.withMessageContainingAll("gameTcpBackend", "chatTcpBackend");
		});
	}

	private static ServiceDescriptor service(BackendsEndpoint endpoint, String fleet) {
		return Objects.requireNonNull(endpoint.backend(fleet + "TcpBackend").groups().get(fleet)).services().get(0);
	}

	private DiscoveredInstance at(String service) {
		return new DiscoveredInstance(service, "1", "tcp", "127.0.0.1", this.server.port(), List.of(), Map.of());
	}

}
