package dev.backend.tcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ConnectionLostException;
import dev.backend.codec.CodecException;
import dev.backend.codec.FramedCodec;
import dev.backend.codec.LengthFieldFraming;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Two peers, of which one sends what no codec should believe: that connection is closed
 * and made again, its requests fail once, and the other knows nothing of it.
 */
@Timeout(60)
class GarbageTests {

	private static final long SEED = Long.getLong("faults.seed", 7);

	/** What Netty reads at once at most, and what is there besides. */
	private static final int SLACK = 160 * 1024;

	private static final int LARGEST = 1 << 20;

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

	private final Map<String, Throwable> causes = new ConcurrentHashMap<>();

	private final TestServer bad = this.tcp.server(TestServer.silent());

	private final TestServer good = this.tcp.server(TestServer.silent());

	private TcpBackend<Frame> start(int frameBytes) throws InterruptedException {
		this.tcp.discover(instance("bad", this.bad), instance("good", this.good));
		TcpLimits limits = TcpLimits.defaults();
		TcpSettings settings = fast().withLimits(limits.withFrameBytes(frameBytes));
		return TcpFixture.ready(this.tcp.start(new LengthCodec(), this.tcp.handler(),
				(builder) -> builder.settings(settings)
					.clientCustomizer((client) -> client.option(ChannelOption.ALLOCATOR, this.allocator))
					.listener(new BackendListener() {
						@Override
						public void onDisconnected(BackendService service, @Nullable Throwable cause) {
							if (cause != null) {
								GarbageTests.this.causes.putIfAbsent(service.id(), cause);
							}
						}
					})));
	}

	static Stream<Garbage> garbage() {
		return Stream.of(new Garbage("negative length", ByteBuffer.allocate(4).putInt(-1).array(), "4294967295"),
				new Garbage("smallest length", ByteBuffer.allocate(4).putInt(Integer.MIN_VALUE).array(), "2147483648"),
				new Garbage("one over the bound of the framing", ByteBuffer.allocate(4).putInt(LARGEST - 3).array(),
						"expected: 0 to 1048572"),
				new Garbage("a body too short", new byte[] { 0, 0, 0, 1, 'p' }, "failed to decode"),
				new Garbage("another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
						"1213486160"),
				random(0), random(1), random(2));
	}

	/** It begins with a length that is over the bound. */
	private static Garbage random(int number) {
		byte[] bytes = new byte[100_000];
		new Random(new SplittableRandom(SEED + number).nextLong()).nextBytes(bytes);
		bytes[0] |= 1;
		return new Garbage("random bytes of seed " + (SEED + number), bytes, "expected: 0 to 1048572");
	}

	@ParameterizedTest
	@MethodSource("garbage")
	void whenOnePeerSendsGarbageThenOnlyItsConnectionIsClosedAndItsRequestsFail(Garbage garbage) throws Exception {
		TcpBackend<Frame> backend = start(LARGEST);
		CompletableFuture<Frame> lost = request(backend, "bad");
		CompletableFuture<Frame> kept = request(backend, "good");
		Socket goodPeer = connection(this.good);
		sendAll(connection(this.bad), Frame.push("before"), garbage.bytes);
		assertThatExceptionOfType(CompletionException.class).isThrownBy(lost::join)
			.havingCause()
			.isInstanceOf(ConnectionLostException.class)
			.havingCause()
			.isInstanceOf(CodecException.class)
			.withMessageContaining(garbage.reason);
		await().until(() -> backend.group("game").counters().connects() == 3);
		await().until(() -> this.causes.containsKey("bad"));
		assertThat(this.causes).containsOnlyKeys("bad");
		assertThat(kept).isNotDone();
		TestServer.send(goodPeer, Frame.request(1, "").reply("still there"));
		assertThat(kept.get().text()).isEqualTo("still there");
		assertThat(backend.group("game").counters().disconnects()).isOne();
		assertThat(backend.group("game").counters().lost()).isOne();
		await().until(() -> this.tcp.handler().messages.size() == 1);
		assertThat(this.tcp.handler().messages).extracting(Frame::text).containsExactly("before");
	}

	@Test
	void whenAFrameIsTruncatedThenNothingOfItIsDelivered() throws Exception {
		TcpBackend<Frame> backend = start(LARGEST);
		CompletableFuture<Frame> lost = request(backend, "bad");
		CompletableFuture<Frame> kept = request(backend, "good");
		Socket peer = connection(this.bad);
		sendAll(peer, Frame.push("before"), new byte[] { 0, 0, 0, 100, 'r', 0, 0, 0, 0, 0, 0, 0, 1, 'x' });
		peer.shutdownOutput();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(lost::join)
			.havingCause()
			.isInstanceOf(ConnectionLostException.class);
		await().until(() -> backend.group("game").counters().connects() == 3);
		await().until(() -> this.causes.containsKey("bad"));
		assertThat(this.causes).containsOnlyKeys("bad");
		TestServer.send(connection(this.good), Frame.request(1, "").reply("still there"));
		assertThat(kept.get().text()).isEqualTo("still there");
		await().until(() -> this.tcp.handler().messages.size() == 1);
		assertThat(this.tcp.handler().messages).extracting(Frame::text).containsExactly("before");
		assertThat(backend.group("game").counters().disconnects()).isOne();
	}

	@Test
	void whenALengthIsAnnouncedThenMemoryGrowsWithWhatArrivesAndNotBefore() throws Exception {
		TcpBackend<Frame> backend = start(LARGEST);
		Socket peer = connection(this.bad);
		TcpCounters counters = backend.group("game").counters();
		TestServer.send(peer, ByteBuffer.allocate(4).putInt(LARGEST - 4).array());
		byte[] piece = new byte[50_000];
		for (long sent = 4; sent < LARGEST - piece.length; sent += piece.length) {
			long arrived = sent;
			await().until(() -> counters.receivedBytes() == arrived);
			assertThat(memory()).as("bytes held when %d had arrived", sent).isLessThan(2 * sent + SLACK);
			TestServer.send(peer, piece);
		}
		peer.close();
		await().until(() -> this.causes.containsKey("bad"));
		await().untilAsserted(() -> assertThat(memory()).isZero());
		assertThat(this.tcp.handler().messages).isEmpty();
	}

	@Test
	void whenALengthIsOverTheBoundThenNothingIsHeldForIt() throws Exception {
		TcpBackend<Frame> backend = start(1000);
		Socket peer = connection(this.bad);
		TestServer.send(peer, ByteBuffer.allocate(2004).putInt(2000).array());
		await().until(() -> this.causes.containsKey("bad"));
		assertThat(this.causes.get("bad")).isInstanceOf(CodecException.class)
			.hasMessageContaining("game/bad at 127.0.0.1")
			.hasMessageContaining("expected: at most 1000");
		await().until(() -> backend.group("game").counters().connects() == 3);
		await().untilAsserted(() -> assertThat(memory()).isZero());
		assertThat(this.tcp.handler().messages).isEmpty();
	}

	private long memory() {
		return this.allocator.metric().usedDirectMemory() + this.allocator.metric().usedHeapMemory();
	}

	private CompletableFuture<Frame> request(TcpBackend<Frame> backend, String id) {
		TestServer server = id.equals("bad") ? this.bad : this.good;
		CompletableFuture<Frame> future = backend.getService("game", id).request(Frame.request(1, "x"), LONG);
		await().until(() -> !server.received().isEmpty());
		return future;
	}

	private static Socket connection(TestServer server) {
		await().until(() -> !server.connections().isEmpty());
		return server.connections().get(0);
	}

	/** In one segment, mostly. */
	private static void sendAll(Socket peer, Frame frame, byte[] garbage) {
		ByteBuf out = UnpooledByteBufAllocator.DEFAULT.heapBuffer();
		try {
			Frame.write(frame, out);
			out.writeBytes(garbage);
			peer.getOutputStream().write(out.array(), 0, out.readableBytes());
		}
		catch (IOException ex) {
			// It may be closed before all is taken.
			if (garbage.length < 1000) {
				throw new UncheckedIOException(ex);
			}
		}
		finally {
			out.release();
		}
	}

	/**
	 * What a peer sends, and what the reason says of it.
	 *
	 * @param name for people
	 * @param bytes the bytes
	 * @param reason a part of the reason
	 */
	private record Garbage(String name, byte[] bytes, String reason) {

		@Override
		public String toString() {
			return this.name;
		}

	}

	/** The same on the wire as the codec of the fixture. */
	private static final class LengthCodec extends FramedCodec<Frame> {

		private LengthCodec() {
			super(LengthFieldFraming.of(4));
		}

		@Override
		protected void encodeBody(Frame message, ByteBuf out) {
			out.writeByte(message.kind())
				.writeLong(message.id())
				.writeCharSequence(message.text(), StandardCharsets.UTF_8);
		}

		@Override
		protected Frame decodeBody(ByteBuf body) {
			return new Frame((char) body.readByte(), body.readLong(), body.toString(StandardCharsets.UTF_8));
		}

		@Override
		public @Nullable Object requestId(Frame message) {
			return (message.kind() == Frame.REQUEST) ? message.id() : null;
		}

		@Override
		public @Nullable Object responseId(Frame message) {
			return (message.kind() == Frame.REPLY) ? message.id() : null;
		}

	}

}
