package dev.backend.tcp;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The rows of docs/coming-from-gobase.md about a service and its configuration.
 */
@Timeout(60)
class GobaseServiceTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	@Tag("gobase:s.Conf")
	@Tag("gobase:s.ServiceName")
	@Tag("gobase:s.ServiceId")
	@Tag("gobase:ServiceConfig.ServiceName")
	@Tag("gobase:ServiceConfig.ServiceId")
	@Tag("gobase:ServiceConfig.ServiceAddr")
	@Tag("gobase:ServiceConfig.ServicePort")
	@Tag("gobase:ServiceConfig.RoutingTag")
	void configurationIsWhatTheRegistrySaysInNormalForm() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		TcpService<Frame> service = this.tcp
			.startWith(new DiscoveredInstance(" Game ", "GAME-1 ", "tcp", "LocalHost", server.port(), List.of(),
					Map.of("routerTag", " EU  vip ")))
			.getService("game", "game-1");
		ServiceConfig config = service.config();
		assertThat(service.name()).isEqualTo(config.name()).isEqualTo("game");
		assertThat(service.id()).isEqualTo(config.id()).isEqualTo("game-1");
		assertThat(config.address()).isEqualTo("LocalHost");
		assertThat(config.port()).isEqualTo(server.port());
		assertThat(config.tags()).containsExactlyInAnyOrder("eu", "vip");
		assertThat(config.scheme()).isEqualTo("tcp");
	}

	@Test
	@Tag("gobase:s.Info")
	void infoIsMadeOnceForEachServiceAndKeptAcrossReconnects() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", server), instance("game-2", server));
		AtomicInteger info = backend.getService("game", "game-1").info(AtomicInteger.class);
		info.set(42);
		assertThat(backend.getService("game", "game-2").info(AtomicInteger.class)).isNotSameAs(info);
		await().until(() -> server.connections().size() == 2);
		server.dropConnections();
		await().until(() -> backend.group("game").counters().connects() == 4);
		assertThat(backend.getService("game", "game-1").info(AtomicInteger.class)).isSameAs(info).hasValue(42);
	}

	@Test
	@Tag("gobase:s.ConnName")
	void connectionIsNamedByItsTwoEndsWhileThereIsOne() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		TcpService<Frame> service = this.tcp.startWith(instance("game-1", server)).getService("game", "game-1");
		await().until(() -> server.connections().size() == 1);
		assertThat(service.connectionName()).contains(":" + server.connections().get(0).getPort() + " -> ")
			.endsWith(":" + server.port());
		server.stop();
		await().until(() -> service.connectionName() == null);
	}

	@Test
	@Tag("gobase:s.Conn")
	void stateFailureAndReconnectTakeThePlaceOfTheConnection() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", server));
		TcpService<Frame> service = backend.getService("game", "game-1");
		assertThat(service.state()).isEqualTo(TcpState.READY);
		assertThat(service.lastFailure()).isNull();
		service.reconnect("the test says so");
		await().until(() -> backend.group("game").counters().connects() == 2);
		await().untilAsserted(() -> assertThat(this.tcp.handler().calls).startsWith("connected game-1",
				"disconnected game-1", "connected game-1"));
		await().until(() -> service.state() == TcpState.READY && !server.connections().isEmpty());
		server.stop();
		await().until(() -> service.lastFailure() != null);
		assertThat(service.state()).isIn(TcpState.BACKOFF, TcpState.CONNECTING);
	}

}
