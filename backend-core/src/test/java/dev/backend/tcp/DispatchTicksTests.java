package dev.backend.tcp;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.DispatchFixture.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What ticks may run beside, with each {@link DispatchMode}.
 */
@Timeout(60)
@SlowTest
class DispatchTicksTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final DispatchFixture dispatch = new DispatchFixture(this.tcp);

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void ticksRunBesideMessagesOnlyWhereThatIsAllowedAndNeverBesideEachOther(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TickingHandler handler = new TickingHandler();
		TcpService<Frame> service = this.dispatch.start(settings(mode), handler);
		server.sendToAll(Frame.push("0:0"));
		await().until(() -> handler.events.contains("message 0:0"));
		service.tick();
		if (mode != DispatchMode.ORDERED) {
			await().until(() -> handler.events.contains("tick"));
			service.tick();
			service.tick();
			// Behind whatever the ticks have queued.
			server.sendToAll(Frame.push("1:1"));
			await().until(() -> handler.events.contains("message 1:1"));
			handler.messages.countDown();
			await().until(() -> service.backlog().size() == 0);
		}
		await().during(Duration.ofMillis(100))
			.until(() -> handler.count("tick") == ((mode != DispatchMode.ORDERED) ? 1 : 0));
		handler.messages.countDown();
		handler.ticks.countDown();
		await().until(() -> handler.events.contains("tick end"));
		await().until(() -> {
			service.tick();
			return handler.count("tick end") >= 2;
		});
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void ticksNeverRunBesideTheEndOfAConnection(DispatchMode mode) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TickingHandler handler = new TickingHandler();
		TcpService<Frame> service = this.dispatch.start(settings(mode), handler);
		service.tick();
		await().until(() -> handler.events.contains("tick"));
		server.dropConnections();
		await().until(() -> service.counters().disconnects() == 1);
		await().during(Duration.ofMillis(100)).until(() -> !handler.events.contains("disconnected"));
		handler.ticks.countDown();
		await().until(() -> handler.events.contains("disconnected"));
		service.tick();
		await().during(Duration.ofMillis(100)).until(() -> handler.count("tick") == 1);
		handler.disconnects.countDown();
		await().until(() -> handler.count("tick") == 2);
		assertThat(handler.events).containsSubsequence("tick", "tick end", "disconnected", "disconnected end", "tick");
	}

	/** Each kind of callback waits for its latch. */
	private static final class TickingHandler implements TcpHandler<Frame> {

		private final Queue<String> events = new ConcurrentLinkedQueue<>();

		private final CountDownLatch messages = new CountDownLatch(1);

		private final CountDownLatch ticks = new CountDownLatch(1);

		private final CountDownLatch disconnects = new CountDownLatch(1);

		private long count(String event) {
			return this.events.stream().filter(event::equals).count();
		}

		@Override
		public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
			this.events.add("message " + message.text());
			this.messages.await();
		}

		@Override
		public void onTick(TcpService<Frame> service) throws Exception {
			this.events.add("tick");
			this.ticks.await();
			this.events.add("tick end");
		}

		@Override
		public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) throws Exception {
			this.events.add("disconnected");
			this.disconnects.await();
			this.events.add("disconnected end");
		}

	}

}
