package dev.backend.tcp;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntSupplier;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.CountingBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

import static dev.backend.tcp.TcpFixture.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A connection of a backend, and the messages that its handler gets. Bytes may come from
 * the peer, or be put where they would arrive: in the pipeline of the channel, so that a
 * test says what each read brings.
 *
 * @param <M> the type of the messages
 */
final class ArrivalFixture<M> implements AutoCloseable {

	private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

	private final Queue<M> messages = new ConcurrentLinkedQueue<>();

	private final Queue<Throwable> causes = new ConcurrentLinkedQueue<>();

	private final TcpBackend<M> backend;

	ArrivalFixture(MessageCodec<M> codec, TcpLimits limits, int port) throws InterruptedException {
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		discovery.set(InMemoryDiscovery.instance("game", "game-1", port));
		this.backend = TcpBackend.builder()
			.discovery(discovery)
			.settings(TcpFixture.fast().withLimits(limits))
			.listener(new Causes())
			.build(codec, new Messages());
		this.backend.start();
		assertThat(this.backend.awaitReady(LONG)).isTrue();
	}

	Queue<M> messages() {
		return this.messages;
	}

	/** Why connections were lost. */
	Queue<Throwable> causes() {
		return this.causes;
	}

	/** Puts a buffer into the pipeline, as one read would. Event loop only. */
	static void read(Channel channel, ByteBuf bytes) {
		channel.pipeline().fireChannelRead(bytes);
		channel.pipeline().fireChannelReadComplete();
	}

	/**
	 * Lets bytes arrive in pieces, on the event loop.
	 * @param first what to use for the first piece, and so for what is not decoded yet
	 * @return the nanoseconds of processor time that it took
	 */
	long arrive(ByteBuf first, byte[] bytes, IntSupplier pieces) throws Exception {
		Channel channel = channel();
		return channel.eventLoop().submit(() -> {
			long begin = THREADS.getCurrentThreadCpuTime();
			int from = Math.min(pieces.getAsInt(), bytes.length);
			read(channel, first.writeBytes(bytes, 0, from));
			while (from < bytes.length) {
				int piece = Math.min(pieces.getAsInt(), bytes.length - from);
				read(channel, CountingBuffer.plain(bytes, from, piece));
				from += piece;
			}
			return THREADS.getCurrentThreadCpuTime() - begin;
		}).get();
	}

	Channel channel() {
		await().until(() -> this.backend.getService("game", "game-1").link() != null);
		return Objects.requireNonNull(this.backend.getService("game", "game-1").link()).channel();
	}

	@Override
	public void close() {
		this.backend.close();
	}

	private final class Messages implements TcpHandler<M> {

		@Override
		public void onMessage(TcpConnection<M> connection, M message) {
			ArrivalFixture.this.messages.add(message);
		}

	}

	private final class Causes implements BackendListener {

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			if (cause != null) {
				ArrivalFixture.this.causes.add(cause);
			}
		}

	}

}
