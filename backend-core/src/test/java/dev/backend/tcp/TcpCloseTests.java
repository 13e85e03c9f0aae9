package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * {@link TcpBackend#close()}.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
@SlowTest
class TcpCloseTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenBackendIsClosedThenPendingRequestsFinishAndNoThreadIsLeft() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = this.tcp.discoveredServer(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("done")))));
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(new Frame.Codec(), this.tcp.handler(), (builder) -> builder.name("closing")));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "x"), LONG);
		assertThat(answer).succeedsWithin(LONG);
		Thread closer = new Thread(backend::close);
		closer.start();
		await().until(() -> service.state() == TcpState.DRAINING);
		answer.get().run();
		assertThat(reply.get().text()).isEqualTo("done");
		closer.join();
		assertThat(this.tcp.handler().calls).containsExactly("connected game-1", "disconnected game-1");
		await().until(
				() -> Thread.getAllStackTraces().keySet().stream().noneMatch((t) -> t.getName().startsWith("closing")));
		backend.close();
	}

	@Test
	void whenClosedByAnInterruptedThreadThenEverythingIsClosedAllTheSame() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(new Frame.Codec(), this.tcp.handler(), (builder) -> builder.name("interrupted")));
		Thread.currentThread().interrupt();
		backend.close();
		assertThat(Thread.interrupted()).isTrue();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("interrupted-")));
		await().until(() -> server.connections().isEmpty());
	}

	@Test
	void whenTheLoopsEndBeforeTheConnectionsWereDrainedThenNoneStaysOpen() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		Duration atOnce = Duration.ofNanos(1);
		TcpTimings timings = fast().timings();
		TcpSettings settings = fast()
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), atOnce, atOnce,
					timings.stableAfter(), timings.drainTimeout(), timings.tickInterval(), timings.idQuarantine()));
		for (int i = 0; i < 20; i++) {
			CountDownLatch holding = new CountDownLatch(1);
			CountDownLatch release = new CountDownLatch(1);
			InstanceFilter filter = (instance) -> {
				if (instance.name().equals("hold")) {
					holding.countDown();
					awaitOn(release);
				}
				return InstanceFilter.forSchemes(List.of("tcp")).map(instance);
			};
			this.tcp.discover(TcpFixture.instance("game-1", server));
			TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(new Frame.Codec(), this.tcp.handler(),
					(builder) -> builder.settings(settings).filter(filter)));
			this.tcp.discover(InMemoryDiscovery.instance("hold", "x", server.port()));
			holding.await();
			Thread.currentThread().interrupt();
			backend.close();
			assertThat(Thread.interrupted()).isTrue();
			await().until(() -> server.connections().isEmpty());
			release.countDown();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "handler", "loop", "control" })
	void whenClosedOnAThreadOfItsOwnThenItDoesNotWaitForItself(String place, CapturedOutput output) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		AtomicReference<TcpBackend<Frame>> backend = new AtomicReference<>();
		Consumer<String> closeAt = (here) -> {
			if (here.equals(place)) {
				backend.get().close();
			}
		};
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				closeAt.accept("handler");
			}
		};
		BackendListener listener = new BackendListener() {
			@Override
			public void onReceived(BackendService service, int bytes) {
				closeAt.accept("loop");
			}
		};
		InstanceFilter filter = (instance) -> {
			if (instance.name().equals("close")) {
				closeAt.accept("control");
			}
			return InstanceFilter.forSchemes(List.of("tcp")).map(instance);
		};
		backend.set(TcpFixture.ready(this.tcp.start(new Frame.Codec(), handler,
				(builder) -> builder.name("own-" + place).filter(filter).listener(listener))));
		server.sendToAll(Frame.push("close"));
		this.tcp.discover(TcpFixture.instance("game-1", server),
				InMemoryDiscovery.instance("close", "x", server.port()));
		awaitNoThread("own-" + place);
		await().until(() -> server.connections().isEmpty());
		assertThat(output).doesNotContain("not all connections were closed")
			.doesNotContain("handler is still running")
			.doesNotContain("did not end");
	}

	@Test
	void whenAConnectionIsNotClosedInTimeThenTheWarningNamesIt(CapturedOutput output) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch busy = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		BackendListener listener = new BackendListener() {
			@Override
			public void onReceived(BackendService service, int bytes) {
				busy.countDown();
				awaitOn(release);
			}
		};
		TcpTimings timings = fast().timings();
		TcpSettings settings = fast().withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(),
				timings.backoffInitial(), timings.backoffMax(), timings.stableAfter(), Duration.ofMillis(1),
				timings.tickInterval(), timings.idQuarantine()));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.name("hanging").settings(settings).listener(listener)));
		server.sendToAll(Frame.push("x"));
		busy.await();
		backend.close();
		assertThat(output)
			.contains("hanging: not all connections were closed within 2001ms: game/game-1 at 127.0.0.1:%d READY"
				.formatted(server.port()));
		release.countDown();
		awaitNoThread("hanging");
	}

	@Test
	void whenTheClientCannotBeCustomizedThenTheEventLoopsEndWithoutAComplaint(CapturedOutput output) {
		try (TcpBackend<Frame> backend = TcpBackend.builder()
			.name("custom")
			.discovery(this.tcp.discovery())
			.clientCustomizer((client) -> {
				throw new IllegalStateException("forced");
			})
			.build(new Frame.Codec(), this.tcp.handler())) {
			assertThatIllegalStateException().isThrownBy(backend::start).withMessage("forced");
		}
		awaitNoThread("custom");
		assertThat(output).doesNotContain("IllegalArgumentException", "onErrorDropped");
	}

	@Test
	void whenTheSubscriptionCannotBeClosedThenTheRestIs() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		ServiceDiscovery failing = mock();
		given(failing.subscribe(any())).willAnswer((call) -> {
			this.tcp.discovery().subscribe(call.getArgument(0));
			return (ServiceDiscovery.Subscription) () -> {
				throw new NoClassDefFoundError("forced");
			};
		});
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.name("failing").discovery(failing)));
		backend.close();
		awaitNoThread("failing");
		await().until(() -> server.connections().isEmpty());
	}

	@Test
	void whenClosedWhileItStartsThenItsSubscriptionIsClosed() throws Exception {
		AtomicInteger open = new AtomicInteger();
		CountDownLatch subscribing = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		ServiceDiscovery slow = mock();
		given(slow.subscribe(any())).willAnswer((call) -> {
			open.incrementAndGet();
			subscribing.countDown();
			closed.await();
			return (ServiceDiscovery.Subscription) open::decrementAndGet;
		});
		TcpBackend<Frame> backend = TcpBackend.builder().discovery(slow).build(new Frame.Codec(), this.tcp.handler());
		Thread starter = new Thread(backend::start);
		starter.start();
		subscribing.await();
		backend.close();
		assertThat(open).hasValue(1);
		closed.countDown();
		starter.join();
		assertThat(open).hasValue(0);
		assertThat(backend.running()).isFalse();
	}

	private static void awaitOn(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	private static void awaitNoThread(String prefix) {
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith(prefix + "-")));
	}

	@Test
	void whenManyMessagesWaitAtCloseThenTheLastCallbacksStillRun() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch closing = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				closing.await();
				super.onMessage(connection, message);
			}
		};
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), handler));
		for (int i = 0; i < 600; i++) {
			server.sendToAll(Frame.push(""));
		}
		await().until(() -> backend.group("game").counters().receivedMessages() == 600);
		Thread closer = new Thread(backend::close);
		closer.start();
		await().until(() -> List.of(closer.getStackTrace())
			.stream()
			.anyMatch((frame) -> frame.getMethodName().equals("awaitCallbacks")));
		closing.countDown();
		closer.join();
		assertThat(handler.messages).hasSize(600);
		assertThat(handler.calls).endsWith("disconnected game-1");
	}

}
