package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import dev.backend.ConnectionLostException;
import dev.backend.Route;
import dev.backend.SendResult;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.SlowTest;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Peers that never read: sends are refused at once, what waits for them stays within the
 * bound, and their connections are closed. Beside them there is one that reads. With
 * {@code -Dfaults.long=true}, the time-out is the default of 10 seconds.
 */
@Timeout(120)
@SlowTest
class SlowReaderTests {

	private static final Logger logger = LoggerFactory.getLogger(SlowReaderTests.class);

	private static final int PEERS = 3;

	private static final Duration NO_PROGRESS = Boolean.getBoolean("faults.long")
			? TcpLiveness.defaults().writeProgressTimeout() : Duration.ofMillis(1500);

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final Queue<Throwable> causes = new ConcurrentLinkedQueue<>();

	private final TcpHandler<Frame> handler = new TcpHandler<>() {
		@Override
		public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
			if (cause != null) {
				SlowReaderTests.this.causes.add(cause);
			}
		}
	};

	private static TcpSettings settings() {
		TcpLimits limits = TcpLimits.defaults();
		return fast().withLimits(limits.withQueuedMessages(500))
			.withLiveness(new TcpLiveness(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, NO_PROGRESS));
	}

	/** Just over half a mebibyte, and near the limit of a frame, fit worst. */
	@ParameterizedTest
	@ValueSource(ints = { 1_000, 530_000, 1_040_000 })
	void whenPeersNeverReadThenSendsAreRefusedAtOnceWithinTheBoundAndTheConnectionsEnd(int size) throws Exception {
		TestServer silent = this.tcp.server(TestServer.silent());
		TestServer healthy = this.tcp.server(TestServer.echo(""));
		silent.stopReading();
		List<DiscoveredInstance> instances = new ArrayList<>();
		for (int i = 0; i < PEERS; i++) {
			instances.add(InMemoryDiscovery.instance("slow", "slow-" + i, silent.port()));
		}
		this.tcp.discover(instances.toArray(DiscoveredInstance[]::new));
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(new Frame.Codec(), this.handler, (builder) -> builder.settings(settings())));
		instances.add(InMemoryDiscovery.instance("healthy", "healthy-1", healthy.port()));
		this.tcp.discover(instances.toArray(DiscoveredInstance[]::new));
		await().until(() -> backend.find("healthy", Route.any()) != null);
		Collection<TcpService<Frame>> services = backend.group("slow").services();
		Frame message = Frame.push("x".repeat(size));
		Timings refusals = new Timings("refusal of a message of %d bytes".formatted(size));
		Map<TcpService<Frame>, Channel> channels = new HashMap<>();
		services.forEach((service) -> channels.put(service, Objects.requireNonNull(service.link()).channel()));
		List<CompletableFuture<Held>> filled = channels.entrySet()
			.stream()
			.map((slow) -> inThread(() -> fill(slow.getKey(), slow.getValue(), message, refusals)))
			.toList();
		Held most = new Held(0, 0);
		for (CompletableFuture<Held> held : filled) {
			most = most.most(held.get(60, TimeUnit.SECONDS));
		}
		int bound = TcpLimits.defaults().outboundBytes();
		logger.info("{} bytes per message: at most {} bytes wait per connection in buffers of {} (bound: {})", size,
				most.bytes(), most.capacity(), bound);
		assertThat(most.bytes()).isBetween(bound / 4L, bound + bound / 20L);
		assertThat(most.capacity()).isLessThanOrEqualTo(bound + bound / 20L);
		refusals.assertWithin(Duration.ofMillis(1), 0.5);
		assertThat(backend.request("healthy", Route.any(), Frame.request(1, "x"), LONG)).succeedsWithin(LONG);
		await().until(() -> channels.values().stream().noneMatch(Channel::isOpen));
		await().until(() -> this.causes.size() >= PEERS);
		assertThat(this.causes).allSatisfy((cause) -> assertThat(cause).isInstanceOf(ConnectionLostException.class)
			.hasMessageContaining("(backend.tcp.liveness.write-progress-timeout)"));
		assertThat(backend.group("slow").counters().closedForNoProgress()).isGreaterThanOrEqualTo(PEERS);
		assertThat(channels.values()).allSatisfy((channel) -> assertThat(held(channel).bytes()).isZero());
		assertThat(backend.group("healthy").counters().disconnects()).isZero();
	}

	/** Sends until nothing more is taken; returns the most that was held. */
	private static Held fill(TcpService<Frame> service, Channel channel, Frame message, Timings refusals) {
		Held most = new Held(0, 0);
		int refusedAtOnce = 0;
		while (refusedAtOnce < 3) {
			refusedAtOnce++;
			while (!refused(service, message, refusals)) {
				refusedAtOnce = 0;
			}
			Held held = held(channel);
			most = most.most(held);
			if (held.bytes() == 0) {
				refusedAtOnce = 0;
			}
		}
		return most;
	}

	private static boolean refused(TcpService<Frame> service, Frame message, Timings refusals) {
		long start = System.nanoTime();
		SendResult result = service.trySend(message);
		if (result.accepted()) {
			return false;
		}
		refusals.add(System.nanoTime() - start);
		assertThat(result).isEqualTo(SendResult.QUEUE_FULL);
		return true;
	}

	private static <T> CompletableFuture<T> inThread(Supplier<T> task) {
		return CompletableFuture.supplyAsync(task, (runnable) -> {
			Thread thread = new Thread(runnable, "sender");
			thread.setDaemon(true);
			thread.start();
		});
	}

	/** What waits in a channel. */
	private static Held held(Channel channel) {
		return channel.eventLoop().submit(() -> {
			ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
			AtomicLong capacity = new AtomicLong();
			if (buffer == null) {
				return new Held(0, 0);
			}
			buffer.forEachFlushedMessage((message) -> {
				capacity.addAndGet(((ByteBuf) message).capacity());
				return true;
			});
			return new Held(buffer.totalPendingWriteBytes(), capacity.get());
		}).syncUninterruptibly().getNow();
	}

	/**
	 * Bytes, and those of the buffers that they are in.
	 */
	private record Held(long bytes, long capacity) {

		Held most(Held other) {
			return new Held(Math.max(this.bytes, other.bytes), Math.max(this.capacity, other.capacity));
		}

	}

}
