package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import org.jspecify.annotations.Nullable;
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
 * The callbacks of {@link TcpHandler} and the hooks of {@link BackendListener}.
 */
@Timeout(60)
class TcpHandlerTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenMessagesArriveThenHandlerGetsThemInOrderAndGoesOnAfterAnException() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				super.onMessage(connection, message);
				if (message.text().equals("3")) {
					throw new IllegalStateException("on purpose");
				}
			}
		};
		this.tcp.discover(instance("game-1", server));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), handler));
		List<String> sent = new ArrayList<>();
		for (int i = 0; i < 3_000; i++) {
			sent.add("" + i);
			server.sendToAll(Frame.push("" + i));
		}
		await().until(() -> handler.messages.size() == sent.size());
		assertThat(handler.messages).extracting(Frame::text).isEqualTo(sent);
		assertThat(backend.group("game").counters().handlerErrors()).isEqualTo(1);
		assertThat(backend.group("game").counters().connects()).isEqualTo(1);
	}

	@Test
	void whenHandlerBlocksOnItsOwnRequestThenTheReplyStillComes() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo("reply to "));
		CompletableFuture<String> result = new CompletableFuture<>();
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				result.complete(connection.request(Frame.request(1, message.text()), LONG).join().text());
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		server.sendToAll(Frame.push("push"));
		assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo("reply to push");
	}

	@Test
	void whenHandlerIsBehindThenReadingPausesAndNothingIsLost() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				release.await();
				super.onMessage(connection, message);
			}
		};
		this.tcp.discover(instance("game-1", server));
		TcpSettings settings = fast().withLimits(TcpLimits.defaults()
			.withQueuedMessages(100)
			.withOutboundBytes(1 << 20)
			.withPendingRequests(100)
			.withInboundMessages(50)
			.withConcurrentDials(64));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, handler));
		int count = 4_000;
		String text = "x".repeat(10_000);
		CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
			for (int i = 0; i < count; i++) {
				server.sendToAll(Frame.push(i + text));
			}
		});
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.backlog().size() == 50);
		// The server cannot get rid of all of it, because nobody reads.
		await().during(Duration.ofMillis(200)).until(() -> service.backlog().size() == 50 && !sending.isDone());
		release.countDown();
		await().until(() -> handler.messages.size() == count);
		for (int i = 0; i < count; i++) {
			assertThat(handler.messages.get(i).text()).startsWith(i + "x");
		}
		assertThat(service.backlog().size()).isZero();
	}

	@Test
	void whenHooksAreRegisteredThenTheyComeInPairsAndInOrder() throws Exception {
		TestServer server = this.tcp.server(TestServer.echo(""));
		List<String> events = new CopyOnWriteArrayList<>();
		AtomicInteger sent = new AtomicInteger();
		AtomicInteger received = new AtomicInteger();
		this.tcp.discover(instance("game-1", server));
		BackendListener failing = new BackendListener() {
			@Override
			public void onReady(BackendService service) {
				throw new IllegalStateException("on purpose");
			}
		};
		TcpBackend<Frame> backend = this.tcp.start(fast(), this.tcp.handler(), failing, new BackendListener() {
			@Override
			public void onAdded(BackendService service) {
				events.add("added");
			}

			@Override
			public void onConnected(BackendService service) {
				events.add("connected");
			}

			@Override
			public void onReady(BackendService service) {
				events.add("ready " + backendFinds(service));
			}

			private boolean backendFinds(BackendService service) {
				return service.availability() == dev.backend.Availability.READY;
			}

			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				events.add("disconnected " + (cause != null));
			}

			@Override
			public void onRemoved(BackendService service) {
				events.add("removed");
			}

			@Override
			public void onSent(BackendService service, int bytes) {
				sent.addAndGet(bytes);
			}

			@Override
			public void onReceived(BackendService service, int bytes) {
				received.addAndGet(bytes);
			}
		});
		await().until(() -> events.contains("ready true"));
		backend.request("game", Route.any(), Frame.request(1, "abc"), LONG).get();
		await().untilAsserted(() -> assertThat(sent).hasValue(16));
		await().untilAsserted(() -> assertThat(received).hasValue(16));
		server.dropConnections();
		await().until(() -> events.size() >= 6);
		backend.close();
		assertThat(events).containsExactly("added", "connected", "ready true", "disconnected true", "connected",
				"ready true", "disconnected false", "removed");
	}

	@Test
	void whenNotConnectedThenTicksRunAndSendsAreRefused() throws Exception {
		TestServer server = this.tcp.server(TestServer.silent());
		server.stop();
		CountDownLatch ticks = new CountDownLatch(3);
		this.tcp.discover(instance("game-1", server));
		TcpBackend<Frame> backend = this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onTick(TcpService<Frame> service) {
				ticks.countDown();
			}
		});
		assertThat(ticks.await(20, TimeUnit.SECONDS)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		assertThat(service.trySend(Frame.push("x"))).isEqualTo(SendResult.NOT_CONNECTED);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> service.send(Frame.push("x")))
			.withMessageContaining("not connected");
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> service.request(Frame.request(1, "x"), LONG).join())
			.withCauseInstanceOf(SendRejectedException.class);
		assertThat(backend.trySend("game", Route.any(), Frame.push("x"))).isEqualTo(SendResult.NO_INSTANCE);
		assertThat(backend.trySend("chat", Route.any(), Frame.push("x"))).isEqualTo(SendResult.NO_INSTANCE);
	}

}
