package dev.backend.tcp;

import java.time.Duration;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link OutboundWriter} against a real peer.
 */
@Timeout(60)
class OutboundWriterTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	@Test
	void whenBurstIsLargerThanTheOutboundBoundThenAllOfItIsWrittenWithoutAFurtherSend() throws Exception {
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		TcpLimits limits = new TcpLimits(1_000, 64 * 1024, 10, 10, 1 << 20, 1);
		try (TestServer server = TestServer.echo("");
				TcpBackend<Frame> backend = TcpBackend.builder()
					.discovery(discovery)
					.settings(TcpSettings.defaults().withLimits(limits))
					.build(new Frame.Codec(), new RecordingHandler())) {
			discovery.set(InMemoryDiscovery.instance("game", "game-1", server.port()));
			backend.start();
			assertThat(backend.awaitReady(LONG)).isTrue();
			TcpService<Frame> service = backend.getService("game", "game-1");
			String text = "x".repeat(10_000);
			// Sent on the event loop, so that one run of the writer takes all of them.
			service.request(Frame.request(1, ""), LONG)
				.thenRun(() -> IntStream.range(0, 100).forEach((i) -> service.send(Frame.push(text))));
			await().atMost(LONG).until(() -> server.received().size() == 101);
		}
	}

}
