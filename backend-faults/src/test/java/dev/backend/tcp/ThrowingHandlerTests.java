package dev.backend.tcp;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TwoServices.assertAnswered;
import static dev.backend.tcp.TwoServices.assertOthersUntouched;
import static dev.backend.tcp.TwoServices.assertSameConnection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A handler that throws, or blocks, in the middle of traffic: it is counted, ticks and
 * connections go on, and no other service waits for it.
 */
@Timeout(60)
class ThrowingHandlerTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final TwoServices services = new TwoServices(this.tcp);

	@ParameterizedTest
	@EnumSource
	void whenTicksThrowThenTheyAreCountedAndTicksAndMessagesGoOn(Trouble trouble) throws Exception {
		CountDownLatch ticks = new CountDownLatch(5);
		TcpBackend<Frame> backend = this.services.start(new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onTick(TcpService<Frame> service) {
				if (service.id().equals("game-1")) {
					ticks.countDown();
					trouble.strike();
				}
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				ThrowingHandlerTests.this.services.handler().onMessage(connection, message);
			}
		});
		assertThat(ticks.await(20, TimeUnit.SECONDS)).isTrue();
		this.services.troubled().sendToAll(Frame.push("x"));
		await().until(() -> this.services.handled().contains("game-1 x"));
		assertThat(backend.group("game").counters().handlerErrors()).isGreaterThanOrEqualTo(4);
		assertThat(backend.group("chat").counters().handlerErrors()).isZero();
		assertSameConnection(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheEndsOfConnectionsAreHandledBadlyThenNewOnesAreMade(Trouble trouble) throws Exception {
		AtomicInteger connected = new AtomicInteger();
		TcpBackend<Frame> backend = this.services.start(new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				if (connection.service().id().equals("game-1") && connected.incrementAndGet() <= 2) {
					trouble.strike();
				}
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				trouble.strike();
			}
		});
		assertAnswered(backend);
		assertThat(backend.group("game").counters().connects()).isEqualTo(3);
		assertThat(backend.group("game").counters().handlerErrors()).isEqualTo(4);
		assertOthersUntouched(backend);
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenTheHandlerOfOneServiceBlocksThenTheOthersGoOnAndItsOwnRequestsToo(DispatchMode mode) throws Exception {
		CountDownLatch release = new CountDownLatch(1);
		TcpLimits limits = TcpLimits.defaults()
			.withQueuedMessages(100)
			.withOutboundBytes(1 << 20)
			.withPendingRequests(100)
			.withInboundMessages(10)
			.withConcurrentDials(64);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(new Frame.Codec(), new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				if (connection.service().id().equals("game-1")) {
					release.await();
				}
				ThrowingHandlerTests.this.services.handler().onMessage(connection, message);
			}
		}, (builder) -> builder.eventLoops(1).settings(fast().withLimits(limits).withDispatch(mode))));
		for (int i = 0; i < 9; i++) {
			this.services.troubled().sendToAll(Frame.push("" + i));
		}
		TcpService<Frame> service = backend.getService("game", "game-1");
		await().until(() -> service.backlog().size() == 9);
		// Its replies do not wait behind what it blocks on.
		assertAnswered(backend);
		for (int i = 9; i < 100; i++) {
			this.services.troubled().sendToAll(Frame.push("" + i));
		}
		await().until(() -> service.backlog().size() == 10);
		for (int i = 0; i < 100; i++) {
			this.services.other().sendToAll(Frame.push("" + i));
		}
		await().until(() -> this.services.handled().size() == 100);
		assertThat(this.services.handled()).allMatch((message) -> message.startsWith("1 "));
		assertThat(service.backlog().size()).isEqualTo(10);
		release.countDown();
		await().until(() -> this.services.handled().size() == 200);
		if (mode == DispatchMode.ORDERED) {
			assertThat(this.services.handled()).filteredOn((message) -> message.startsWith("game-1 "))
				.containsExactlyElementsOf(IntStream.range(0, 100).mapToObj((i) -> "game-1 " + i).toList());
		}
		assertSameConnection(backend);
	}

}
