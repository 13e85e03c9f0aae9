package dev.backend.tcp;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.DispatchFixture.assertOrder;
import static dev.backend.tcp.DispatchFixture.push;
import static dev.backend.tcp.DispatchFixture.settings;
import static dev.backend.tcp.KeyedCodec.numberOf;
import static dev.backend.tcp.TcpFixture.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Handlers that block and an executor that is full, with each {@link DispatchMode}: what
 * waits is bounded, and nothing of it is lost or stuck.
 */
@Timeout(60)
class DispatchBoundsTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final DispatchFixture dispatch = new DispatchFixture(this.tcp);

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenHandlersBlockThenReadingPausesAtTheBoundAndGoesOnLater(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				release.await();
				super.onMessage(connection, message);
			}
		};
		TcpService<Frame> service = this.dispatch.start(settings(mode, 50, Duration.ZERO), handler);
		int count = 2_000;
		String padding = "0".repeat(20_000);
		CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
			for (int i = 0; i < count; i++) {
				server.sendToAll(Frame.push("%d:%s%d".formatted(i % 5, padding, i)));
			}
		});
		await().until(() -> service.backlog().size() == 50);
		// The server cannot get rid of all of it, because nobody reads.
		await().during(Duration.ofMillis(200)).until(() -> service.backlog().size() == 50 && !sending.isDone());
		assertThat(this.dispatch.codec().decoded()).hasValue(50);
		release.countDown();
		await().until(() -> handler.messages.size() == count);
		assertThat(handler.messages).extracting(KeyedCodec::numberOf).doesNotHaveDuplicates();
		assertOrder(mode, handler.messages);
		await().until(() -> service.backlog().size() == 0);
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenHandlerBlocksOnItsOwnRequestThenTheReplyComes(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo("re "));
		Queue<String> replies = new ConcurrentLinkedQueue<>();
		this.dispatch.start(settings(mode), new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				replies.add(connection.request(Frame.request(numberOf(message), message.text()), LONG).join().text());
			}
		});
		push(server, 100);
		await().until(() -> replies.size() == 100);
		assertThat(replies).contains("re 0:0", "re 4:99").doesNotHaveDuplicates();
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenExecutorIsFullForAWhileThenNothingIsLost(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		ExecutorService pool = Executors.newFixedThreadPool(3);
		this.tcp.closeLast(pool::shutdownNow);
		AtomicBoolean full = new AtomicBoolean();
		RecordingHandler handler = new RecordingHandler();
		TcpBackend<Frame> backend = this.tcp.start(this.dispatch.codec(), handler,
				(builder) -> builder.settings(settings(mode, 20, Duration.ofMillis(20))).handlerExecutor((task) -> {
					if (full.get()) {
						throw new RejectedExecutionException("full");
					}
					pool.execute(task);
				}));
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		full.set(true);
		push(server, 100);
		// Reading is paused: no further message tells that the executor is there again.
		// A tick that was at work by then lends its thread to those that have come.
		await()
			.until(() -> service.backlog().size() == 20 || service.backlog().size() + handler.messages.size() == 100);
		full.set(false);
		await().until(() -> handler.messages.size() == 100);
		assertOrder(mode, handler.messages);
	}

	/** No tick tells that the executor is there again, nor does any other event. */
	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenExecutorIsFullForAWhileAndNothingTicksThenReadingGoesOnAndTheNextDialComes(DispatchMode mode)
			throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		ExecutorService pool = Executors.newFixedThreadPool(3);
		this.tcp.closeLast(pool::shutdownNow);
		AtomicBoolean full = new AtomicBoolean();
		RecordingHandler handler = new RecordingHandler();
		TcpBackend<Frame> backend = this.tcp.start(this.dispatch.codec(), handler,
				(builder) -> builder.settings(settings(mode, 20, Duration.ZERO)).handlerExecutor((task) -> {
					if (full.get()) {
						throw new RejectedExecutionException("full");
					}
					pool.execute(task);
				}));
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		full.set(true);
		push(server, 100);
		// What is told of readiness may be at work still, and lends its thread.
		await()
			.until(() -> service.backlog().size() == 20 || service.backlog().size() + handler.messages.size() == 100);
		full.set(false);
		await().until(() -> handler.messages.size() == 100);
		assertOrder(mode, handler.messages);
		full.set(true);
		server.dropConnections();
		await().until(() -> service.state() == TcpState.BACKOFF);
		full.set(false);
		await().until(() -> service.state() == TcpState.READY);
	}

}
