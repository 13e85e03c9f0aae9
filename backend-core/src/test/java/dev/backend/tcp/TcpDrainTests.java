package dev.backend.tcp;

import java.util.concurrent.CompletableFuture;

import dev.backend.Availability;
import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What an operator drains.
 */
@Timeout(60)
class TcpDrainTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenServiceIsDrainedThenItStaysConnectedAndNoRouteLeadsToIt() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		this.tcp.discoveredServer(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("done")))));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "x"), LONG);
		assertThat(answer).succeedsWithin(LONG);
		assertThat(backend.drain(" Game", "GAME-1")).succeedsWithin(LONG);
		assertThat(backend.find("game", Route.hash("user-1"))).isNull();
		assertThat(backend.trySend("game", Route.any(), Frame.push("x"))).isEqualTo(SendResult.NO_INSTANCE);
		assertThat(backend.broadcast("game", Frame.push("x")).accepted()).isZero();
		assertThat(service.state()).isEqualTo(TcpState.READY);
		assertThat(service.availability()).isEqualTo(Availability.DRAINING);
		assertThat(service.trySend(Frame.push("by id"))).isEqualTo(SendResult.ACCEPTED);
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.select("game", Route.hash("user-1")))
			.withMessageContaining("game-1 []=READY, drained by an operator");
		answer.get().run();
		assertThat(reply).succeedsWithin(LONG);
		assertThat(backend.undrain("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.select("game", Route.hash("user-1"))).isSameAs(service);
		assertThat(backend.drained()).isEmpty();
	}

	@Test
	void whenDrainedServiceReconnectsLeavesAndComesBackThenItIsDrainedYet() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withRemoval(RemovalMode.IMMEDIATE), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		assertThat(backend.drain("game", "game-1")).succeedsWithin(LONG);
		String connection = service.connectionName();
		service.reconnect("test");
		await().until(() -> service.state() == TcpState.READY && service.connectionName() != null
				&& !service.connectionName().equals(connection));
		assertThat(backend.find("game", Route.any())).isNull();
		this.tcp.discover();
		await().until(() -> backend.findGroup("game") == null);
		assertThat(backend.drained()).containsKey("game");
		this.tcp.discover(instance("game-1", server));
		await().until(() -> backend.findService("game", "game-1") != null
				&& backend.getService("game", "game-1").state() == TcpState.READY);
		assertThat(backend.getService("game", "game-1").drained()).isTrue();
		assertThat(backend.find("game", Route.any())).isNull();
		assertThat(backend.undrain("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.find("game", Route.any())).isNotNull();
	}

	@Test
	void whenServiceIsNotKnownThenItCannotBeDrained() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.drain("game", "game-2"))
			.withMessageContaining("No service game/game-2");
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.undrain("game", "game-2"));
		assertThat(backend.undrain("game", "game-1")).succeedsWithin(LONG);
	}

	@Test
	void whenServiceIsWithdrawnByAPartingDiscoveryThenUndrainDoesNotBringItBack() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withRemoval(RemovalMode.DRAIN), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		service.request(Frame.request(1, "x"), LONG);
		assertThat(backend.drain("game", "game-1")).succeedsWithin(LONG);
		this.tcp.discover();
		await().until(() -> service.state() == TcpState.DRAINING);
		assertThat(backend.undrain("game", "game-1")).succeedsWithin(LONG);
		assertThat(backend.find("game", Route.any())).isNull();
		await().until(() -> backend.findGroup("game") == null);
		await().until(() -> server.connections().isEmpty());
	}

}
