package dev.backend.tcp;

import java.time.Duration;
import java.util.Objects;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link OutboundWriter} against a real peer.
 */
@Timeout(60)
class OutboundWriterTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenBurstIsLargerThanTheOutboundBoundThenAllOfItIsWrittenWithoutAFurtherSend() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpLimits limits = TcpLimits.defaults()
			.withQueuedMessages(1_000)
			.withOutboundBytes(64 * 1024)
			.withPendingRequests(10)
			.withInboundMessages(10)
			.withConcurrentDials(1);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast().withLimits(limits), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		String text = "x".repeat(10_000);
		// Sent on the event loop, so that one run of the writer takes all of them.
		service.request(Frame.request(1, ""), LONG)
			.thenRun(() -> IntStream.range(0, 100).forEach((i) -> service.send(Frame.push(text))));
		await().until(() -> server.received().size() == 101);
	}

	@Test
	void whenNoHeldRequestIsDueThenASweepLooksAtNoMoreThanTheMostUrgentOne() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withLimits(TcpFixture.smallBuffers()), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		server.stopReading();
		Frame large = Frame.push("x".repeat(100_000));
		await().pollInterval(Duration.ofMillis(1)).until(() -> {
			service.trySend(large);
			return service.queuedMessages() > 100;
		});
		Link<Frame> link = Objects.requireNonNull(service.link());
		CountedRequest.Looks looks = new CountedRequest.Looks();
		long deadline = System.nanoTime() + LONG.toNanos();
		for (long id = 1; id <= 1_000; id++) {
			link.offer(new CountedRequest<>(id, Frame.request(id, ""), deadline + id, looks), Integer.MAX_VALUE);
		}
		long looksAt100Sweeps = link.channel().eventLoop().submit(() -> {
			looks.count = 0;
			for (int i = 0; i < 100; i++) {
				link.sweepAt(System.nanoTime());
			}
			return looks.count;
		}).get();
		assertThat(looksAt100Sweeps).isBetween(100L, 300L);
	}

}
