package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.Certificates;
import dev.backend.test.SlowTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static dev.backend.tcp.ByteBudget.SHARE;
import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The bound of the bytes of all connections, on real sockets.
 */
@Timeout(120)
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class TcpTotalBytesTests {

	private static final int BOUND = 1 << 20;

	private static final int FRAME = 20_000;

	private static final int SLOW = 50;

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final List<DiscoveredInstance> instances = new ArrayList<>();

	private TestServer server(String id, TestServer server) {
		this.tcp.server(server);
		this.instances.add(instance(id, server));
		return server;
	}

	private TcpBackend<Frame> start(TcpLimits limits) throws InterruptedException {
		this.tcp.discover(this.instances.toArray(DiscoveredInstance[]::new));
		return TcpFixture.ready(this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.settings(fast().withLimits(limits))
					.clientCustomizer((client) -> client.option(ChannelOption.SO_SNDBUF, 32 * 1024))));
	}

	private static TcpLimits bounded() {
		TcpLimits limits = TcpLimits.defaults();
		return limits.withQueuedMessages(50).withTotalBytes(BOUND);
	}

	private static SendResult sendUntilRefused(TcpService<Frame> service, String text) {
		SendResult result = SendResult.ACCEPTED;
		while (result.accepted()) {
			result = service.trySend(Frame.push(text));
		}
		return result;
	}

	@Test
	void whenFiftyPeersDoNotReadThenTheBoundHoldsTheOthersAreServedAndAllGoesOnLater() throws Exception {
		List<TestServer> slow = new ArrayList<>();
		for (int i = 0; i < SLOW; i++) {
			slow.add(server("slow-" + i, TestServer.silent()));
		}
		server("well", TestServer.echo("re "));
		TcpBackend<Frame> backend = start(bounded());
		slow.forEach(TestServer::stopReading);
		String text = "x".repeat(FRAME);
		List<SendResult> refusals = new ArrayList<>();
		for (int round = 0; round < 3; round++) {
			for (int i = 0; i < SLOW; i++) {
				refusals.add(sendUntilRefused(backend.getService("game", "slow-" + i), text));
			}
			assertThat(backend.getService("game", "well").request(Frame.request(round, "ask"), LONG).join().text())
				.isEqualTo("re ask");
		}
		assertThat(refusals).contains(SendResult.TOO_MANY_BYTES);
		await().until(() -> backend.heldBytes() >= BOUND);
		assertThat(backend.heldBytes()).isLessThanOrEqualTo(BOUND + SLOW * (SHARE + FRAME + 13L));
		for (int i = 0; i < SLOW; i++) {
			TcpService<Frame> service = backend.getService("game", "slow-" + i);
			await().until(() -> service.trySend(Frame.push("")) == SendResult.TOO_MANY_BYTES);
			assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> service.send(Frame.push("")))
				.withMessageContainingAll("game/slow-", "too many bytes wait", "expected: below 1048576",
						"backend.tcp.limits.total-bytes");
			assertThatExceptionOfType(SendRejectedException.class)
				.isThrownBy(() -> service.submit(new TcpBatch<Frame>().send(Frame.push(""))))
				.matches((ex) -> ex.reason() == SendResult.TOO_MANY_BYTES);
		}
		String large = "y".repeat(FRAME);
		for (int i = 10; i < 40; i++) {
			assertThat(backend.getService("game", "well").request(Frame.request(i, large), LONG).join().text())
				.isEqualTo("re " + large);
		}
		slow.forEach(TestServer::resumeReading);
		await().until(() -> backend.heldBytes() == 0);
		for (int i = 0; i < SLOW; i++) {
			TcpService<Frame> service = backend.getService("game", "slow-" + i);
			await().until(() -> service.queuedMessages() == 0);
			service.send(Frame.push("last"));
			TestServer server = slow.get(i);
			await().until(() -> server.received().get(server.received().size() - 1).text().equals("last"));
			assertThat(service.counters().dropped()).isZero();
		}
		await().until(() -> backend.heldBytes() == 0);
	}

	@Test
	void whenConnectionsAreLostWhileTheyHoldBytesThenNoneIsLeftInTheCount() throws Exception {
		List<TestServer> slow = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			slow.add(server("slow-" + i, TestServer.silent()));
		}
		TcpBackend<Frame> backend = start(bounded());
		for (int round = 0; round < 3; round++) {
			TcpFixture.ready(backend);
			slow.forEach(TestServer::stopReading);
			for (int i = 0; i < 10; i++) {
				TcpService<Frame> service = backend.getService("game", "slow-" + i);
				await().until(() -> service.state() == TcpState.READY);
				sendUntilRefused(service, "x".repeat(FRAME));
			}
			await().until(() -> backend.heldBytes() > BOUND / 2);
			slow.forEach(TestServer::dropConnections);
			await().until(() -> backend.heldBytes() == 0);
			slow.forEach(TestServer::resumeReading);
		}
		backend.settings(backend.settings().withLimits(TcpLimits.defaults()));
		for (int i = 0; i < 10; i++) {
			TcpService<Frame> service = backend.getService("game", "slow-" + i);
			await().until(() -> service.trySend(Frame.push("last")).accepted());
		}
		await().until(() -> backend.heldBytes() == 0);
	}

	@Test
	void whenMessagesAreReadAheadOfTheHandlerThenTheyCountUntilItHasCaughtUp() throws Exception {
		TestServer server = server("game-1", TestServer.silent());
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		this.tcp.discover(this.instances.toArray(DiscoveredInstance[]::new));
		TcpLimits limits = bounded().withInboundMessages(2).withReadAheadBytes(10 * FRAME);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast().withLimits(limits), new TcpHandler<>() {

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				goOn.await();
				handled.incrementAndGet();
			}

		}));
		CompletableFuture<Frame> pending = backend.getService("game", "game-1")
			.request(Frame.request(1, "never answered"), LONG);
		Frame push = Frame.push("x".repeat(FRAME));
		for (int i = 0; i < 8; i++) {
			server.sendToAll(push);
		}
		await().until(() -> backend.heldBytes() == 6 * (FRAME + 13));
		goOn.countDown();
		await().until(() -> handled.get() == 8);
		await().until(() -> backend.heldBytes() == 0);
		assertThat(pending).isNotDone();
	}

	@Test
	void whenConnectionsAreEncryptedThenWhatTheSystemHasTakenIsNotHeld() throws Exception {
		X509Bundle authority = Certificates.authority("Games");
		try (TlsServer server = new TlsServer(Certificates.issue(authority, "127.0.0.1"))) {
			this.tcp.discover(InMemoryDiscovery.instance("game", "game-1", server.port()));
			TcpTls tls = TcpTls.of(Certificates.clientContext(authority, null));
			TcpBackend<Frame> backend = TcpFixture
				.ready(this.tcp.start(new Frame.Codec(), this.tcp.handler(), (builder) -> builder.tls(tls)
					.settings(fast().withLimits(TcpLimits.defaults().withTotalBytes(100_000)))));
			TcpService<Frame> service = backend.getService("game", "game-1");
			String text = "x".repeat(FRAME);
			int sent = 0;
			List<CompletableFuture<Frame>> replies = new ArrayList<>();
			while (sent < 300) {
				CompletableFuture<Frame> reply = service.request(Frame.request(sent, text), LONG);
				if (!reply.isCompletedExceptionally()) {
					replies.add(reply);
					sent++;
				}
			}
			assertThat(replies).allSatisfy((reply) -> assertThat(reply).succeedsWithin(LONG));
			await().until(() -> backend.heldBytes() == 0);
		}
	}

	/** Each is rid of what it has received only when it gets the rest. */
	@Test
	void whenAllReceiveLargeFramesAtOnceThenTheBoundHoldsAndAllAreHandled() throws Exception {
		int frame = 700_000;
		int servers = 12;
		List<TestServer> sending = new ArrayList<>();
		for (int i = 0; i < servers; i++) {
			sending.add(server("game-" + i, TestServer.silent()));
		}
		TcpBackend<Frame> backend = start(bounded());
		String text = "x".repeat(frame);
		List<CompletableFuture<Void>> sends = new ArrayList<>();
		for (TestServer server : sending) {
			sends.add(CompletableFuture.runAsync(() -> {
				for (int i = 0; i < 5; i++) {
					server.sendToAll(Frame.push(text));
				}
			}, (task) -> new Thread(task).start()));
		}
		await().until(() -> {
			assertThat(backend.heldBytes()).isBetween(0L, BOUND + frame + servers * 3L * SHARE);
			return this.tcp.handler().messages.size() == servers * 5;
		});
		sends.forEach(CompletableFuture::join);
		await().until(() -> backend.heldBytes() == 0);
	}

	/**
	 * The first server has the turn: it has sent a part of a frame, and more than the
	 * bound. The second one has sent a part, too, and is not read any more.
	 */
	private StoppedReading stopReading(TcpHandler<Frame> handler, Frame... first) throws Exception {
		List<TestServer> servers = List.of(server("game-0", TestServer.silent()),
				server("game-1", TestServer.silent()));
		this.tcp.discover(this.instances.toArray(DiscoveredInstance[]::new));
		TcpBackend<Frame> backend = TcpFixture.ready(
				this.tcp.start(fast().withLimits(bounded().withInboundMessages(2).withTotalBytes(200_000)), handler));
		StoppedReading stopped = new StoppedReading(backend, servers, frames(Frame.push("x".repeat(500_000))));
		stopped.send(0, 0, 300_000);
		await().until(() -> backend.heldBytes() == 300_000);
		for (Frame frame : first) {
			servers.get(1).sendToAll(frame);
		}
		stopped.send(1, 0, 300_000);
		await().until(() -> !stopped.channel(1).config().isAutoRead());
		return stopped;
	}

	private static byte[] frames(Frame... frames) {
		ByteBuf out = Unpooled.buffer();
		for (Frame frame : frames) {
			Frame.write(frame, out);
		}
		return ByteBufUtil.getBytes(out);
	}

	@Test
	void whenAConnectionIsNotReadForTheBytesOfAllThenItsSilenceIsNotThePeersAndTimeoutsSaySo() throws Exception {
		StoppedReading stopped = stopReading(this.tcp.handler());
		stopped.backend.settings(stopped.backend.settings()
			.withLiveness(new TcpLiveness(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1), Duration.ZERO,
					Duration.ZERO)));
		CompletableFuture<Frame> request = stopped.service(1).request(Frame.request(1, ""), Duration.ofMillis(200));
		AtomicInteger sent = new AtomicInteger(300_000);
		// The other one is not silent.
		await().during(Duration.ofMillis(2_500)).until(() -> {
			stopped.send(0, sent.get(), sent.incrementAndGet());
			return stopped.service(1).counters().disconnects() == 0;
		});
		assertThat(request).failsWithin(LONG)
			.withThrowableThat()
			.withMessageContainingAll("nothing was read any more", "backend.tcp.limits.total-bytes: 200000");
		stopped.backend.settings(stopped.backend.settings().withLiveness(TcpLiveness.defaults()));
		stopped.send(0, sent.get(), stopped.frame.length);
		stopped.send(1, 300_000, stopped.frame.length);
		await().until(() -> this.tcp.handler().messages.size() == 2);
	}

	@Test
	void whenTheHandlerGetsAheadThenAConnectionThatWaitsForItsTurnReadsNoMore() throws Exception {
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicInteger handled = new AtomicInteger();
		TcpHandler<Frame> handler = new TcpHandler<>() {

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				goOn.await();
				handled.incrementAndGet();
			}

			@Override
			public boolean handlesControl() {
				return true;
			}

		};
		StoppedReading stopped = stopReading(handler, Frame.push("1"), Frame.push("2"), Frame.push("3"));
		long before = stopped.backend.heldBytes();
		goOn.countDown();
		await().until(() -> handled.get() == 3);
		await().during(Duration.ofMillis(300)).until(() -> stopped.backend.heldBytes() <= before);
		assertThat(stopped.channel(1).config().isAutoRead()).isFalse();
		stopped.send(0, 300_000, stopped.frame.length);
		stopped.send(1, 300_000, stopped.frame.length);
		await().until(() -> handled.get() == 5);
		await().until(() -> stopped.backend.heldBytes() == 0);
	}

	/** Handlers before this one have read it already, such as that of TLS. */
	@Test
	void whenTheRestOfAFrameComesAfterTheStopThenReadingGoesOn() throws Exception {
		StoppedReading stopped = stopReading(this.tcp.handler());
		stopped.send(0, 300_000, stopped.frame.length);
		stopped.send(1, 300_000, stopped.frame.length);
		await().until(() -> this.tcp.handler().messages.size() == 2);
		stopped.send(0, 0, 300_000);
		await().until(() -> stopped.backend.heldBytes() == 300_000);
		Channel channel = stopped.channel(1);
		boolean stoppedBetween = channel.eventLoop().submit(() -> {
			channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(stopped.frame, 0, 100_000));
			boolean stops = !channel.config().isAutoRead();
			channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(stopped.frame, 100_000, 400_013));
			channel.pipeline().fireChannelReadComplete();
			return stops;
		}).get();
		assertThat(stoppedBetween).isTrue();
		await().until(() -> this.tcp.handler().messages.size() == 3);
		stopped.servers.get(1).sendToAll(Frame.push("next"));
		await().until(() -> this.tcp.handler().messages.size() == 4);
	}

	private record StoppedReading(TcpBackend<Frame> backend, List<TestServer> servers, byte[] frame) {

		TcpService<Frame> service(int index) {
			return this.backend.getService("game", "game-" + index);
		}

		Channel channel(int index) {
			return Objects.requireNonNull(service(index).link()).channel();
		}

		void send(int index, int from, int to) {
			TestServer server = this.servers.get(index);
			await().until(() -> !server.connections().isEmpty());
			byte[] part = Arrays.copyOfRange(this.frame, from, to);
			TestServer.send(server.connections().get(0), part);
		}

	}

	/** Its turn to read ends, and with it its connection. */
	@Test
	void whenAPeerStopsWithinALargeFrameThenTheOthersAreReadAllTheSame() throws Exception {
		int frame = 1_000_000;
		List<TestServer> servers = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			servers.add(server("game-" + i, TestServer.silent()));
		}
		TcpBackend<Frame> backend = start(bounded());
		byte[] begin = new byte[frame / 2];
		begin[1] = 15;
		for (TestServer server : servers.subList(0, 3)) {
			await().until(() -> !server.connections().isEmpty());
			CompletableFuture.runAsync(() -> TestServer.send(server.connections().get(0), begin),
					(task) -> new Thread(task).start());
		}
		await().until(() -> backend.heldBytes() >= BOUND);
		CompletableFuture.runAsync(() -> servers.get(3).sendToAll(Frame.push("x".repeat(frame))),
				(task) -> new Thread(task).start());
		await().atMost(Duration.ofSeconds(60)).until(() -> this.tcp.handler().messages.size() == 1);
		assertThat(backend.getService("game", "game-3").counters().disconnects()).isBetween(1L, 3L);
	}

}
