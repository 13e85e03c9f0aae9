package dev.backend.tcp;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link TcpBackend#close()}.
 */
@Timeout(60)
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
	void whenManyMessagesWaitAtCloseThenTheLastCallbacksStillRun() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CountDownLatch closing = new CountDownLatch(1);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpService<Frame> service, Frame message) throws Exception {
				closing.await();
				super.onMessage(service, message);
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
			.anyMatch((frame) -> frame.getMethodName().equals("awaitTermination")));
		closing.countDown();
		closer.join();
		assertThat(handler.messages).hasSize(600);
		assertThat(handler.calls).endsWith("disconnected game-1");
	}

}
