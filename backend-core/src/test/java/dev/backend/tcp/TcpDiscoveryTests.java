package dev.backend.tcp;

import java.util.List;
import java.util.Map;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.discovery.PushedSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What {@link TcpBackend} makes of the instances that discovery lists, and of their
 * changes.
 */
@Timeout(60)
class TcpDiscoveryTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenInstancesAreDiscoveredThenEachIsConnectedAndFoundByIdAndRoute() throws Exception {
		TestServer one = this.tcp.server(TestServer.echo("one "));
		TestServer two = this.tcp.server(TestServer.echo("two "));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("Game-1", one, "EU"), instance(" game-2", two, "us"));
		assertThat(backend.groups()).containsOnlyKeys("game");
		assertThat(backend.group("GAME ").services()).extracting(TcpService::id)
			.containsExactlyInAnyOrder("game-1", "game-2");
		assertThat(backend.getService("game", "GAME-1").state()).isEqualTo(TcpState.READY);
		assertThat(backend.select("game", Route.hash("k").tag("EU ")).id()).isEqualTo("game-1");
		assertThat(backend.select("game", Route.hash("k").tag("us")).id()).isEqualTo("game-2");
		assertThat(backend.find("game", Route.hash("k").tag("asia"))).isNull();
		assertThat(backend.findService("game", "game-9")).isNull();
		assertThat(backend.findGroup("chat")).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.group("chat"))
			.withMessageContaining("'chat'")
			.withMessageContaining("game");
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.select("game", Route.any().tag("asia")))
			.withMessageContaining("2 known")
			.withMessageContaining("READY");
	}

	@Test
	void whenEntryIsMalformedOrDoubleThenOnlyItIsLeftOut() throws Exception {
		TestServer server = this.tcp.server(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", server),
				new DiscoveredInstance("game", "game-2", "tcp", "127.0.0.1", 70_000, List.of(), Map.of()),
				new DiscoveredInstance("game", "game-3", "http", "127.0.0.1", 80, List.of(), Map.of()),
				new DiscoveredInstance("game", "ga\nme", "tcp", "127.0.0.1", 80, List.of(), Map.of()),
				InMemoryDiscovery.instance("game", "game-1", 1));
		assertThat(backend.services()).extracting(TcpService::id).containsExactly("game-1");
		assertThat(backend.getService("game", "game-1").config().port()).isEqualTo(server.port());
	}

	@Test
	void whenDiscoveryHasNotAnsweredThenThatIsSaidAndNotThatNothingIsKnown() {
		PushedSource source = new PushedSource("redis key 'games'");
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.discovery(source));
		assertThat(backend.instanceCounts()).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.group("chat"))
			.withMessage("No service 'chat': redis key 'games' has not answered yet");
		source.push(1);
		await().until(() -> backend.instanceCounts() != null);
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.group("chat"))
			.withMessage("No service 'chat': no instance is known; known service names: []");
	}

	/** As when ids of several nodes of Consul collide. */
	@Test
	void whenAnIdIsReplacedAtItsPlaceThenTheServerIsNotThereTwice() throws Exception {
		TestServer one = this.tcp.server(TestServer.echo(""));
		TestServer two = this.tcp.server(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", one), instance("game-2", two));
		this.tcp.discover(instance("game-1@host-1", one), instance("game-2", two));
		await().until(() -> backend.findService("game", "game-1") == null);
		await().until(() -> backend.getService("game", "game-1@host-1").state() == TcpState.READY);
		this.tcp.discover(instance("game-1@host-1", one, "eu"), instance("game-2", two));
		await().until(() -> backend.find("game", Route.any().tag("eu")) != null);
		assertThat(backend.group("game").services()).hasSize(2);
		await().until(() -> one.connections().size() == 1);
		assertThat(backend.holds()).isEmpty();
	}

	@Test
	void whenTagsChangeThenRingsFollowAndConnectionStays() throws Exception {
		TestServer server = this.tcp.server(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", server, "eu"));
		TcpService<Frame> service = backend.getService("game", "game-1");
		String connection = service.connectionName();
		this.tcp.discover(instance("game-1", server, "us", "asia"));
		await().until(() -> backend.find("game", Route.any().tag("asia")) == service);
		assertThat(backend.find("game", Route.any().tag("eu"))).isNull();
		assertThat(service.connectionName()).isEqualTo(connection);
		assertThat(service.config().tags()).containsExactlyInAnyOrder("us", "asia");
	}

	@Test
	void whenInfoFactoryFailsWithAnErrorThenOnlyTheInfoIsMissing() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		this.tcp.discover(InMemoryDiscovery.instance("game", "game-1", server.port()),
				InMemoryDiscovery.instance("game", "game-2", server.port()));
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.infoFactory((config) -> {
					if (config.id().equals("game-1")) {
						throw new NoClassDefFoundError("forced");
					}
					return "info";
				}));
		await().until(() -> backend.findService("game", "game-2") != null);
		assertThat(backend.awaitReady(LONG)).isTrue();
		assertThat(backend.group("game").services()).hasSize(2);
		assertThat(backend.select("game", Route.any()).state()).isEqualTo(TcpState.READY);
	}

}
