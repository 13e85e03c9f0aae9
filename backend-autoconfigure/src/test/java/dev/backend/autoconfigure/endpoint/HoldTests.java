package dev.backend.autoconfigure.endpoint;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.BackendDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.ServiceDescriptor;
import dev.backend.autoconfigure.metrics.BackendMetricsAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What an operator sees while the registry misses most of a group.
 */
@Timeout(60)
class HoldTests {

	private final InMemoryDiscovery discovery = new InMemoryDiscovery().confirmationDelay(Duration.ofHours(1));

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				BackendsEndpointAutoConfiguration.class, BackendMetricsAutoConfiguration.class))
		.withPropertyValues("management.endpoints.web.exposure.include=backends", "backend.tcp.removal=immediate")
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withBean(LineCodec.class);

	@Test
	void whenTheRegistryMissesMostOfAGroupThenTheEndpointAndTheMetricsShowTheHold() {
		try (EchoServer first = EchoServer.start("game-1"); EchoServer second = EchoServer.start("game-2")) {
			this.contextRunner.run((context) -> {
				MeterRegistry meters = new SimpleMeterRegistry();
				context.getBean("backendDiscoveryMetrics", MeterBinder.class).bindTo(meters);
				BackendsEndpoint endpoint = context.getBean(BackendsEndpoint.class);
				this.discovery.push(first.instance(), second.instance());
				await().until(() -> first.connections() + second.connections() == 2);
				assertThat(meters.get("backend.discovery.instances").tag("backend", "tcpBackend").gauge().value())
					.isEqualTo(2);
				this.discovery.push();
				await().until(() -> !backend(endpoint).holds().isEmpty());
				assertThat(backend(endpoint).holds())
					.isEqualTo(Map.of("game", new TreeSet<>(Set.of("game-1", "game-2"))));
				assertThat(backend(endpoint).holdsStarted()).isEqualTo(1);
				assertThat(services(endpoint)).hasSize(2).allMatch(ServiceDescriptor::held);
				assertThat(meters.get("backend.discovery.holds").functionCounter().count()).isEqualTo(1);
				assertThat(meters.get("backend.discovery.held").gauge().value()).isEqualTo(2);
				assertThat(first.connections() + second.connections()).isEqualTo(2);
				this.discovery.push(first.instance(), second.instance());
				await().until(() -> backend(endpoint).holds().isEmpty());
				assertThat(services(endpoint)).hasSize(2).noneMatch(ServiceDescriptor::held);
				assertThat(meters.get("backend.discovery.held").gauge().value()).isZero();
				assertThat(meters.get("backend.discovery.holds").functionCounter().count()).isEqualTo(1);
			});
		}
	}

	@Test
	void whenThereIsNoMicrometerThenThereAreNoMetrics() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("backendDiscoveryMetrics"));
	}

	@Test
	void whenTheServersOfAGroupStopThenTheyAreHeldWhileTheyCannotBeReached() {
		List<EchoServer> servers = List.of(EchoServer.start("game-1"), EchoServer.start("game-2"));
		try {
			this.contextRunner.run((context) -> {
				BackendsEndpoint endpoint = context.getBean(BackendsEndpoint.class);
				this.discovery.push(servers.get(0).instance(), servers.get(1).instance());
				await().until(() -> servers.stream().allMatch((server) -> server.connections() == 1));
				this.discovery.push();
				servers.forEach(EchoServer::close);
				await().untilAsserted(() -> assertThat(services(endpoint)).hasSize(2)
					.allMatch((service) -> service.held() && service.state().equals("BACKOFF")));
				assertThat(endpoint.change("tcpBackend", "drain", "game", "game-1")).returns(true,
						ServiceDescriptor::held);
			});
		}
		finally {
			servers.forEach(EchoServer::close);
		}
	}

	private static List<ServiceDescriptor> services(BackendsEndpoint endpoint) {
		return Objects.requireNonNull(backend(endpoint).groups().get("game")).services();
	}

	private static BackendDescriptor backend(BackendsEndpoint endpoint) {
		return Objects.requireNonNull(endpoint.backends().backends().get("tcpBackend"));
	}

}
