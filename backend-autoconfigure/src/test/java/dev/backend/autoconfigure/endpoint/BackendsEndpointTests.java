package dev.backend.autoconfigure.endpoint;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.BackendDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.CountsDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.DiscoveryDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.GroupDescriptor;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class BackendsEndpointTests {

	private static final String EXPOSED = "management.endpoints.web.exposure.include=backends";

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				BackendsEndpointAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withBean(LineCodec.class);

	@Test
	void whenNotExposedThenThereIsNoEndpoint() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(BackendsEndpoint.class));
	}

	@Test
	void whenAccessIsNoneThenThereIsNoEndpoint() {
		this.contextRunner.withPropertyValues(EXPOSED, "management.endpoint.backends.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(BackendsEndpoint.class));
	}

	@Test
	void whenTheApplicationHasTheEndpointThenTheAutoConfigurationBacksOff() {
		this.contextRunner.withPropertyValues(EXPOSED)
			.withBean("own", BackendsEndpoint.class, () -> new BackendsEndpoint(Map.of(), Map.of(), List::of))
			.run((context) -> assertThat(context).hasSingleBean(BackendsEndpoint.class).hasBean("own"));
	}

	@Test
	void whenThereIsNoBackendThenTheAnswerIsEmpty() {
		this.contextRunner.withPropertyValues(EXPOSED, "backend.tcp.enabled=false").run((context) -> {
			BackendsDescriptor descriptor = context.getBean(BackendsEndpoint.class).backends();
			assertThat(descriptor.backends()).isEmpty();
			assertThat(descriptor.registrations()).isEmpty();
		});
	}

	@Test
	void aServiceThatCannotBeReachedIsShownWithItsReason() {
		EchoServer closed = EchoServer.start("game-2");
		closed.close();
		this.contextRunner.withPropertyValues(EXPOSED, "backend.tcp.connect.backoff-initial=5s").run((context) -> {
			DiscoveredInstance other = new DiscoveredInstance("game", "game-1", "tcp", "127.0.0.1", closed.port(),
					List.of(), Map.of());
			this.discovery.push(closed.instance(), other);
			BackendsEndpoint endpoint = context.getBean(BackendsEndpoint.class);
			await().ignoreException(NullPointerException.class).untilAsserted(() -> {
				GroupDescriptor group = group(endpoint);
				assertThat(group.known()).isEqualTo(2);
				assertThat(group.usable()).isZero();
				assertThat(group.services()).extracting("id").containsExactly("game-1", "game-2");
				assertThat(group.services()).allSatisfy((service) -> {
					assertThat(service.state()).isEqualTo("BACKOFF");
					assertThat(service.reason()).contains("refused");
					assertThat(service.connection()).isNull();
				});
			});
		});
	}

	@Test
	void whatTheSourceAndTheBackendLeaveOutIsShownWithTheReason() {
		this.contextRunner.withPropertyValues(EXPOSED, "backend.discovery.allowed-ports=1-100").run((context) -> {
			BackendsEndpoint endpoint = context.getBean(BackendsEndpoint.class);
			assertThat(discovery(endpoint).services()).as("has not answered yet").isNull();
			this.discovery.push(instance("game-1", "http", 80), instance("game-2", "tcp", 7001),
					instance("game-3", "tcp", 0));
			await().until(() -> discovery(endpoint).services() != null);
			assertThat(discovery(endpoint).entries())
				.isEqualTo(new CountsDescriptor(3, 1, new TreeMap<>(Map.of("malformed", 1, "not allowed", 1))));
			assertThat(discovery(endpoint).services())
				.isEqualTo(new CountsDescriptor(1, 0, new TreeMap<>(Map.of("not asked for", 1))));
		});
	}

	private static DiscoveredInstance instance(String id, String scheme, int port) {
		return new DiscoveredInstance("game", id, scheme, "127.0.0.1", port, List.of(), Map.of());
	}

	private static DiscoveryDescriptor discovery(BackendsEndpoint endpoint) {
		return Objects.requireNonNull(endpoint.backends().backends().get("tcpBackend")).discovery();
	}

	private static GroupDescriptor group(BackendsEndpoint endpoint) {
		BackendDescriptor backend = Objects.requireNonNull(endpoint.backends().backends().get("tcpBackend"));
		return Objects.requireNonNull(backend.groups().get("game"), "no group yet");
	}

}
