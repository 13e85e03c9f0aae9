package dev.backend.tcp;

import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.MessageCodec.Correlation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Ids that the connection gives out.
 */
@Timeout(60)
class TcpRequestIdTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private TcpService<Frame> start(TestServer server, Frame.Codec codec) throws Exception {
		this.tcp.discoveredServer(server);
		return TcpFixture.ready(this.tcp.start(fast(), codec, this.tcp.handler())).getService("game", "game-1");
	}

	@ParameterizedTest
	@CsvSource({ "8, 200, 2_000", "16, 10_000, 75_000" })
	void whenIdsWrapWithManyInFlightThenEachRequestGetsItsOwnReply(int bits, String inFlight, String total)
			throws Exception {
		int permits = Integer.parseInt(inFlight.replace("_", ""));
		ShufflingServer behaviour = new ShufflingServer(bits, permits / 2);
		TestServer server = new TestServer(behaviour::received);
		behaviour.frames = server.received();
		TcpService<Frame> service = start(server, new IdCodec(bits));
		Semaphore free = new Semaphore(permits);
		Queue<String> wrong = new ConcurrentLinkedQueue<>();
		int count = Integer.parseInt(total.replace("_", ""));
		for (int i = 0; i < count; i++) {
			assertThat(free.tryAcquire(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
			String text = "request " + i;
			service.request(Frame.request(0, text), LONG).whenComplete((reply, failure) -> {
				if (failure != null || !reply.text().equals(text)) {
					wrong.add(text + ": " + ((failure != null) ? failure : reply));
				}
				free.release();
			});
		}
		assertThat(free.tryAcquire(permits, LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(wrong).isEmpty();
		assertThat(behaviour.faults).isEmpty();
		assertThat(service.pendingRequests()).isZero();
	}

	@Test
	void whenAllIdsAreTakenThenARequestIsRefusedAndOneWithAReplyMakesRoom() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TcpService<Frame> service = start(
				new TestServer(
						(socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("answer")))),
				new IdCodec(8));
		List<CompletableFuture<Frame>> replies = new ArrayList<>();
		for (int i = 0; i < 255; i++) {
			replies.add(service.request(Frame.request(0, "x"), LONG));
		}
		assertThatThrownBy(service.request(Frame.request(0, "x"), LONG)::join).cause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.TOO_MANY_PENDING))
			.hasMessageContaining("all 255 ids of 8 bits are taken, by 255 pending requests and 0 ids in quarantine");
		assertThat(answer).succeedsWithin(LONG);
		answer.join().run();
		assertThat(replies.get(0).join().text()).isEqualTo("answer");
		CompletableFuture<Frame> further = service.request(Frame.request(0, "x"), LONG);
		await().until(() -> service.pendingRequests() == 255);
		replies.get(1).cancel(false);
		await().until(() -> service.pendingRequests() == 254);
		assertThat(further).isNotDone();
		assertThatThrownBy(service.request(Frame.request(0, "x"), LONG)::join)
			.hasMessageContaining("by 254 pending requests and 1 ids in quarantine");
	}

	@Test
	void whenAMessageHasNoReplyThenItHasNoId() throws Exception {
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server, new IdCodec(16));
		service.send(Frame.push("no reply"));
		service.request(Frame.request(0, "request"), LONG);
		await().until(() -> server.received().size() == 2);
		assertThat(server.received()).extracting(Frame::id).containsExactly(0L, 1L);
	}

	@Test
	void whenTheCallerNamesAnIdThenTheRequestIsRefused() throws Exception {
		TcpService<Frame> service = start(TestServer.silent(), new IdCodec(16));
		assertThatIllegalArgumentException().isThrownBy(() -> service.request("own", Frame.request(0, "x"), LONG))
			.withMessageContaining("game/game-1")
			.withMessageContaining("request id own (expected: none")
			.withMessageContaining("16");
	}

	@Test
	void whenTheCodecCannotEncodeAnIdThenTheRequestSaysSo() throws Exception {
		TcpService<Frame> service = start(TestServer.silent(), new Frame.Codec() {
			@Override
			public int idBits() {
				return 8;
			}
		});
		assertThatThrownBy(service.request(Frame.request(0, "x"), LONG)::join).cause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.ENCODING_FAILED))
			.hasMessageContaining("idBits(): 8 (expected: then also an encode(message, id, out) of its own)");
		assertThat(service.pendingRequests()).isZero();
	}

	@ParameterizedTest
	@CsvSource({ "BY_ID, -1, '1 to 64, or 0'", "BY_ID, 65, '1 to 64, or 0'", "IN_ORDER, 8, '0, because'" })
	void whenTheWidthIsImpossibleThenNoBackendIsBuilt(Correlation correlation, int bits, String expected) {
		Frame.Codec codec = new Frame.Codec() {
			@Override
			public int idBits() {
				return bits;
			}

			@Override
			public Correlation correlation() {
				return correlation;
			}
		};
		assertThatIllegalArgumentException()
			.isThrownBy(() -> TcpBackend.builder().discovery(this.tcp.discovery()).build(codec, this.tcp.handler()))
			.withMessageContaining("idBits(): %d (expected: %s".formatted(bits, expected));
	}

	/** Answers so many at once, in an order of its own, and sees what is on its way. */
	private static final class ShufflingServer {

		private final Random random = new Random(1);

		private final Set<Long> inFlight = new HashSet<>();

		private final List<Frame> waiting = new ArrayList<>();

		private final Queue<String> faults = new ConcurrentLinkedQueue<>();

		private final long largest;

		private final int batch;

		private volatile List<Frame> frames = List.of();

		ShufflingServer(int bits, int batch) {
			this.largest = (1L << bits) - 1;
			this.batch = batch;
		}

		void received(Socket socket, Frame frame) {
			if (frame.id() < 1 || frame.id() > this.largest || !this.inFlight.add(frame.id())) {
				this.faults.add("id " + frame.id());
			}
			this.waiting.add(frame);
			if (this.waiting.size() == this.batch) {
				this.frames.clear();
				Collections.shuffle(this.waiting, this.random);
				for (Frame request : this.waiting) {
					this.inFlight.remove(request.id());
					TestServer.send(socket, request.reply(request.text()));
				}
				this.waiting.clear();
			}
		}

	}

}
