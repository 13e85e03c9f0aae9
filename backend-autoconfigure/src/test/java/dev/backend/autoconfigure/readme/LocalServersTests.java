package dev.backend.autoconfigure.readme;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.backend.autoconfigure.discovery.BackendConnectionDetails;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.autoconfigure.tcp.TcpBackendBuilderCustomizer;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceFilter;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A test that leads the backends to its own servers, as the reference shows.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class LocalServersTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final EchoServer server = EchoServer.start("game-1");

	/** Listed where nobody is. */
	private final InMemoryDiscovery discovery = new InMemoryDiscovery(instance("game", "game-1", "tcp"),
			instance("pay", "pay-1", "http"));

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				HttpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withBean(LineCodec.class)
		.withPropertyValues("backend.http.enabled=true");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void bothBackendsReachTheInstancesWhereTheDetailsSay() {
		Map<String, Integer> ports = Map.of("game-1", this.server.port(), "pay-1", this.server.port());
		this.contextRunner.withBean(BackendConnectionDetails.class, () -> new LocalServers(ports).localServers())
			.withBean(TcpBackendBuilderCustomizer.class,
					() -> (builder) -> builder.filter(InstanceFilter.forSchemes(List.of("tcp"))))
			.run((context) -> {
				assertThat(context.getBean(TcpBackend.class).awaitReady(LONG)).isTrue();
				HttpBackend http = context.getBean(HttpBackend.class);
				assertThat(http.awaitReady(LONG)).isTrue();
				assertThat(http.getService("pay", "pay-1").uri("/orders"))
					.isEqualTo(URI.create("http://127.0.0.1:%d/orders".formatted(this.server.port())));
			});
	}

	@Test
	void whenTheDetailsNameAnotherInstanceThenThatOneIsLeftOut(CapturedOutput output) {
		this.contextRunner
			.withBean(BackendConnectionDetails.class,
					() -> (service) -> service.id().equals("game-1") ? this.server.config().withTags("eu")
							: new LocalServers(Map.of()).localServers().connectTo(this.server.config()))
			.run((context) -> {
				assertThat(context.getBean(TcpBackend.class).awaitReady(LONG)).isTrue();
				await().until(() -> output.getOut().contains("redirected to game/game-1 at 127.0.0.1:"));
				assertThat(context.getBean(HttpBackend.class).services()).isEmpty();
				assertThat(output)
					.contains("Instance 'pay-1' of service 'pay' is left out: pay/pay-1 at 10.255.255.1:1 "
							+ "redirected to game/game-1 at 127.0.0.1:%d (expected: the same name and id)"
								.formatted(this.server.port()));
			});
	}

	private static DiscoveredInstance instance(String service, String id, String scheme) {
		return new DiscoveredInstance(service, id, scheme, "10.255.255.1", 1, List.of(), Map.of());
	}

}
