package dev.backend.tcp;

import java.time.Duration;
import java.util.List;

import static dev.backend.tcp.KeyedCodec.keyOf;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Backends whose messages have keys and numbers, so that a test of a {@link DispatchMode}
 * can tell their order.
 */
final class DispatchFixture {

	private final KeyedCodec codec = new KeyedCodec();

	private final TcpFixture tcp;

	DispatchFixture(TcpFixture tcp) {
		this.tcp = tcp;
	}

	KeyedCodec codec() {
		return this.codec;
	}

	/** Starts a backend and waits until game-1 is ready. */
	TcpService<Frame> start(TcpSettings settings, TcpHandler<Frame> handler) throws Exception {
		return TcpFixture.ready(this.tcp.start(settings, this.codec, handler)).getService("game", "game-1");
	}

	/** Short back-offs, and no ticks unless a test wants them. */
	static TcpSettings settings(DispatchMode mode, int inboundMessages, Duration tickInterval) {
		TcpTimings timings = TcpTimings.defaults();
		TcpLimits limits = TcpLimits.defaults();
		return TcpSettings.defaults()
			.withDispatch(mode)
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), Duration.ofMillis(10),
					Duration.ofMillis(50), timings.stableAfter(), Duration.ofSeconds(2), tickInterval,
					timings.idQuarantine()))
			.withLimits(new TcpLimits(limits.queuedMessages(), limits.outboundBytes(), limits.pendingRequests(),
					inboundMessages, limits.frameBytes(), limits.concurrentDials()));
	}

	static TcpSettings settings(DispatchMode mode) {
		return settings(mode, TcpLimits.defaults().inboundMessages(), Duration.ZERO);
	}

	/** Five keys, and numbers from zero on. */
	static void push(TestServer server, int messages) {
		for (int i = 0; i < messages; i++) {
			server.sendToAll(Frame.push("%d:%d".formatted(i % 5, i)));
		}
	}

	/** In the order of their numbers, as far as the mode promises it. */
	static void assertOrder(DispatchMode mode, List<Frame> messages) {
		if (mode == DispatchMode.ORDERED) {
			assertThat(messages).extracting(KeyedCodec::numberOf).isSorted();
		}
		else if (mode == DispatchMode.ORDERED_BY_KEY) {
			for (int key = 0; key < 5; key++) {
				String text = "" + key;
				assertThat(messages).filteredOn((frame) -> keyOf(frame).equals(text))
					.extracting(KeyedCodec::numberOf)
					.isSorted();
			}
		}
	}

}
