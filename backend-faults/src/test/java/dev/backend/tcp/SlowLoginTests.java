package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.SlowTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Many servers that answer a login late, and a handler that blocks on it, with the
 * default settings: each thread logs in one after another, and no connection is given up
 * because its login waits for a thread.
 */
@Timeout(300)
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class SlowLoginTests {

	private static final Logger logger = LoggerFactory.getLogger(SlowLoginTests.class);

	private static final Frame LOGIN = Frame.request(1, "login");

	@Test
	void whenManyLogInForLongThenAllGetReadyByTheirFirstConnections() {
		assertAllReady(800, Duration.ofMillis(1500), 900);
	}

	@Test
	void whenMoreLogInForAMomentThenAllGetReadyByTheirFirstConnections() {
		assertAllReady(1000, Duration.ofMillis(400), 1050);
	}

	private static void assertAllReady(int services, Duration login, int connections) {
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.request(LOGIN, Duration.ofMinutes(1)).join();
			}
		};
		try (PeerServers servers = new PeerServers(services,
				(accepted) -> accepted.pipeline().addFirst(new LateReplies(login)));
				TcpBackend<Frame> backend = TcpBackend.builder()
					.discovery(discovery)
					.build(new Frame.Codec(), handler)) {
			discovery.set(instances(services, servers));
			long began = System.nanoTime();
			backend.start();
			await().atMost(Duration.ofSeconds(240))
				.pollInterval(Duration.ofMillis(10))
				.failFast("more than %d connections".formatted(connections), () -> connects(backend) > connections)
				.until(() -> ready(backend) == services);
			logger.info("{} services, logins of {} ms: all ready after {} ms (32 threads need {} ms), {} connections",
					services, login.toMillis(), (System.nanoTime() - began) / 1_000_000,
					(services + 31) / 32 * login.toMillis(), connects(backend));
			assertThat(connects(backend)).isBetween((long) services, (long) connections);
		}
	}

	private static DiscoveredInstance[] instances(int count, PeerServers servers) {
		return IntStream.range(0, count)
			.mapToObj((i) -> InMemoryDiscovery.instance("game", "game-" + i, servers.port(i)))
			.toArray(DiscoveredInstance[]::new);
	}

	private static long connects(TcpBackend<Frame> backend) {
		TcpGroup<Frame> group = backend.findGroup("game");
		return (group != null) ? group.counters().connects() : 0;
	}

	private static int ready(TcpBackend<Frame> backend) {
		TcpGroup<Frame> group = backend.findGroup("game");
		return (group != null) ? group.routing().members().size() : 0;
	}

	/** Answers each request when some time is over. */
	private static final class LateReplies extends ByteToMessageDecoder {

		private final Duration delay;

		LateReplies(Duration delay) {
			this.delay = delay;
		}

		@Override
		protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
			Frame frame = Frame.read(in);
			if (frame != null) {
				context.executor().schedule(() -> reply(context, frame), this.delay.toNanos(), TimeUnit.NANOSECONDS);
			}
		}

		private static void reply(ChannelHandlerContext context, Frame request) {
			ByteBuf reply = Unpooled.buffer();
			Frame.write(request.reply("welcome"), reply);
			context.writeAndFlush(reply);
		}

	}

}
