package dev.backend.tcp;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.DispatchFixture.assertOrder;
import static dev.backend.tcp.DispatchFixture.push;
import static dev.backend.tcp.DispatchFixture.settings;
import static dev.backend.tcp.KeyedCodec.keyOf;
import static dev.backend.tcp.KeyedCodec.numberOf;
import static dev.backend.tcp.TcpFixture.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * In which order each {@link DispatchMode} handles messages, over real connections: also
 * when handlers and keys throw, and when the mode changes.
 */
@Timeout(60)
class DispatchOrderTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final DispatchFixture dispatch = new DispatchFixture(this.tcp);

	@Test
	void whenKeysAreEqualThenMessagesWaitForEachOtherAndOthersDoNot() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				if (keyOf(message).equals("0")) {
					release.await();
				}
				super.onMessage(connection, message);
			}
		};
		this.dispatch.start(settings(DispatchMode.ORDERED_BY_KEY), handler);
		push(server, 500);
		server.sendToAll(Frame.push("none:1"));
		await().until(() -> handler.messages.size() == 401);
		assertThat(handler.messages).extracting(KeyedCodec::keyOf).doesNotContain("0").contains("none");
		release.countDown();
		await().until(() -> handler.messages.size() == 501);
		assertOrder(DispatchMode.ORDERED_BY_KEY, handler.messages);
	}

	@ParameterizedTest
	@CsvSource({ "CONCURRENT, 0", "ORDERED_BY_KEY, none" })
	void whenOrderIsNotAskedForThenMessagesRunAtTheSameTime(DispatchMode mode, String key) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CyclicBarrier together = new CyclicBarrier(8);
		CountDownLatch handled = new CountDownLatch(16);
		this.dispatch.start(settings(mode), new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				together.await();
				handled.countDown();
			}
		});
		for (int i = 0; i < 16; i++) {
			server.sendToAll(Frame.push(key + ":" + i));
		}
		assertThat(handled.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenHandlerThrowsThenItIsCountedAndTheNextMessageRuns(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				super.onMessage(connection, message);
				switch (numberOf(message)) {
					case 5 -> throw new IllegalStateException("on purpose");
					case 10 -> throw new StackOverflowError("on purpose");
					case 15 -> throw new Exception("on purpose");
					default -> {
					}
				}
			}
		};
		TcpService<Frame> service = this.dispatch.start(settings(mode), handler);
		push(server, 500);
		await().until(() -> handler.messages.size() == 500);
		assertOrder(mode, handler.messages);
		await().until(() -> service.backlog().size() == 0);
		assertThat(service.counters().handlerErrors()).isEqualTo(3);
		assertThat(service.counters().connects()).isEqualTo(1);
	}

	@Test
	void whenOrderKeyThrowsThenMessageIsHandledAloneAndInItsPlace() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		AtomicInteger running = new AtomicInteger();
		Queue<String> errors = new ConcurrentLinkedQueue<>();
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				int others = running.getAndIncrement();
				if (keyOf(message).startsWith("bad") && (others != 0 || this.messages.size() != numberOf(message))) {
					errors.add(message.text());
				}
				super.onMessage(connection, message);
				running.decrementAndGet();
			}
		};
		TcpService<Frame> service = this.dispatch.start(settings(DispatchMode.ORDERED_BY_KEY), handler);
		for (int i = 0; i < 600; i++) {
			String key = (i % 20 == 3) ? "bad" : (i % 20 == 9) ? "bad hash" : "" + (i % 5);
			server.sendToAll(Frame.push(key + ":" + i));
		}
		await().until(() -> handler.messages.size() == 600);
		assertThat(errors).isEmpty();
		assertOrder(DispatchMode.ORDERED_BY_KEY, handler.messages);
		assertThat(service.counters().handlerErrors()).isEqualTo(60);
		assertThat(service.counters().connects()).isEqualTo(1);
	}

	@Test
	void whenModeChangesThenItAppliesFromTheNextMessageAndWhatIsQueuedKeepsItsOrder() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch release = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				if (message.text().equals("0:0")) {
					release.await();
				}
				super.onMessage(connection, message);
			}
		};
		TcpBackend<Frame> backend = this.tcp.start(settings(DispatchMode.CONCURRENT), this.dispatch.codec(), handler);
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		push(server, 10);
		await().until(() -> handler.messages.size() == 9);
		backend.settings(backend.settings().withDispatch(DispatchMode.ORDERED));
		for (int i = 10; i < 100; i++) {
			server.sendToAll(Frame.push("ordered:" + i));
		}
		await().until(() -> service.counters().receivedMessages() == 100);
		backend.settings(backend.settings().withDispatch(DispatchMode.ORDERED_BY_KEY));
		for (int i = 100; i < 200; i++) {
			server.sendToAll(Frame.push((i % 5) + ":" + i));
		}
		await().until(() -> service.counters().receivedMessages() == 200);
		assertThat(handler.messages).hasSize(9);
		release.countDown();
		await().until(() -> handler.messages.size() == 200);
		assertThat(handler.messages.subList(10, 100)).extracting(KeyedCodec::numberOf)
			.isSorted()
			.allMatch((number) -> number >= 10 && number < 100);
		assertOrder(DispatchMode.ORDERED_BY_KEY, handler.messages.subList(100, 200));
	}

}
