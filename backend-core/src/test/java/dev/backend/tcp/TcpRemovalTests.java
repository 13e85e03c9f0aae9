package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.SendResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static dev.backend.tcp.TcpFixture.smallBuffers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens to the services of a {@link TcpBackend} that discovery does not list any
 * more.
 */
@Timeout(60)
class TcpRemovalTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenInstanceIsGoneFromDiscoveryThenItStaysWhileConnectedAndGoesWithItsConnection() throws Exception {
		TestServer one = this.tcp.server(TestServer.echo(""));
		TestServer two = this.tcp.server(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", one), instance("game-2", two));
		TcpService<Frame> first = backend.getService("game", "game-1");
		String connection = first.connectionName();
		this.tcp.discover(instance("game-2", two));
		await().until(first::withdrawn);
		assertThat(backend.group("game").routing().members()).contains(first);
		this.tcp.discover(instance("game-1", one), instance("game-2", two));
		await().until(() -> !first.withdrawn());
		assertThat(backend.getService("game", "game-1")).isSameAs(first);
		assertThat(first.connectionName()).isEqualTo(connection);
		this.tcp.discover(instance("game-2", two));
		await().until(first::withdrawn);
		one.dropConnections();
		await().until(() -> backend.findService("game", "game-1") == null);
		assertThat(first.state()).isEqualTo(TcpState.CLOSED);
		assertThat(first.trySend(Frame.push("x"))).isEqualTo(SendResult.NOT_CONNECTED);
	}

	@Test
	void whenUnconnectedInstanceIsGoneFromDiscoveryThenItGoesAtOnce() throws Exception {
		TestServer one = this.tcp.server(TestServer.echo(""));
		one.stop();
		TestServer two = this.tcp.server(TestServer.echo(""));
		this.tcp.discover(instance("game-1", one), instance("game-2", two));
		TcpBackend<Frame> backend = this.tcp.start();
		await().until(() -> backend.getService("game", "game-1").lastFailure() != null);
		this.tcp.discover(instance("game-2", two));
		await().until(() -> backend.findService("game", "game-1") == null);
	}

	@Test
	void whenRemovalIsImmediateThenInstanceGoneFromDiscoveryIsClosedAtOnce() throws Exception {
		TestServer one = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withRemoval(RemovalMode.IMMEDIATE), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		this.tcp.discover();
		await().until(() -> backend.findGroup("game") == null);
		await().until(() -> one.connections().isEmpty());
		await().until(() -> service.state() == TcpState.CLOSED);
	}

	@Test
	void whenAnInstanceIsListedAgainThenItsReturnIsToldAfterItsEnd() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch told = new CountDownLatch(1);
		CompletableFuture<Void> release = new CompletableFuture<>();
		List<String> calls = new CopyOnWriteArrayList<>();
		BackendListener listener = new BackendListener() {
			@Override
			public void onAdded(BackendService service) {
				calls.add("added");
			}

			@Override
			public void onReady(BackendService service) {
				calls.add("ready");
			}

			@Override
			public void onRemoved(BackendService service) {
				told.countDown();
				release.join();
				calls.add("removed");
			}
		};
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withRemoval(RemovalMode.IMMEDIATE), this.tcp.handler(), listener));
		TcpService<Frame> before = backend.getService("game", "game-1");
		this.tcp.discover();
		assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
		this.tcp.discover(instance("game-1", server));
		await().until(() -> {
			TcpService<Frame> present = backend.findService("game", "game-1");
			return present != null && present != before && present.state() == TcpState.CONNECTED;
		});
		assertThat(calls).containsExactly("added", "ready");
		release.complete(null);
		await().untilAsserted(() -> assertThat(calls).containsExactly("added", "ready", "removed", "added", "ready"));
	}

	@Test
	void whenRemovalDrainsThenPendingRequestFinishesFirst() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = this.tcp.discoveredServer(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("done")))));
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withRemoval(RemovalMode.DRAIN), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "x"), LONG);
		assertThat(answer).succeedsWithin(LONG);
		this.tcp.discover();
		await().until(() -> service.state() == TcpState.DRAINING);
		await().until(() -> backend.find("game", Route.any()) == null);
		assertThat(reply).isNotDone();
		answer.get().run();
		assertThat(reply.get().text()).isEqualTo("done");
		await().until(() -> service.state() == TcpState.CLOSED);
		await().until(() -> backend.findGroup("game") == null);
	}

	@Test
	void whenHeldMessagesAreWrittenDuringADrainThenTheConnectionClosesAtOnce() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpTimings timings = fast().timings();
		TcpSettings settings = fast().withRemoval(RemovalMode.DRAIN)
			.withLimits(smallBuffers())
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), Duration.ofSeconds(15), timings.tickInterval(),
					timings.idQuarantine()));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		server.stopReading();
		String text = "x".repeat(100_000);
		while (service.queuedMessages() < 100) {
			service.trySend(Frame.push(text));
		}
		this.tcp.discover();
		await().until(() -> service.state() == TcpState.DRAINING);
		server.resumeReading();
		await().until(() -> service.state() == TcpState.CLOSED);
	}

}
