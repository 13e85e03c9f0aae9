package dev.backend.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.SendResult;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Instances that leave, move or are suspended as planned, while others send: nothing is
 * refused, and nothing is lost.
 */
@SlowTest
@Timeout(300)
class PlannedEndTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final AtomicLong received = new AtomicLong();

	private final List<TestServer> servers = new CopyOnWriteArrayList<>();

	private final TestServer server = server();

	private final Map<String, DiscoveredInstance> instances = new TreeMap<>();

	private final AtomicBoolean stopped = new AtomicBoolean();

	private final Queue<Object> failures = new ConcurrentLinkedQueue<>();

	private final AtomicLong sent = new AtomicLong();

	/** Answers requests, counts messages, and does not keep them. */
	private TestServer server() {
		TestServer server = new TestServer((socket, frame) -> {
			if (this.received.incrementAndGet() % 1000 == 0) {
				this.servers.forEach((each) -> each.received().clear());
			}
			if (frame.kind() == Frame.REQUEST) {
				TestServer.send(socket, frame.reply(frame.text()));
			}
		});
		this.servers.add(server);
		return this.tcp.server(server);
	}

	private TcpBackend<Frame> start(int count) throws Exception {
		for (int i = 0; i < count; i++) {
			put("old-" + i, this.server);
		}
		publish();
		return TcpFixture.ready(this.tcp.start(fast().withRemoval(RemovalMode.DRAIN), this.tcp.handler()));
	}

	private void put(String id, TestServer server) {
		this.instances.put(id, instance(id, server));
	}

	private void publish() {
		this.tcp.discover(this.instances.values().toArray(DiscoveredInstance[]::new));
	}

	private boolean goesOn() {
		return !this.stopped.get() && this.failures.isEmpty();
	}

	/** Requests one after another, by routes that lead everywhere. */
	private CompletableFuture<Void> request(TcpBackend<Frame> backend, int tries) {
		return CompletableFuture.runAsync(() -> {
			while (goesOn()) {
				Route route = Route.hash("user-" + ThreadLocalRandom.current().nextInt(10_000)).tries(tries);
				try {
					backend.request("game", route, Frame.request(this.sent.incrementAndGet(), "x"), LONG).join();
				}
				catch (CompletionException ex) {
					this.failures.add(ex);
				}
				catch (RuntimeException ex) {
					this.failures.add(ex);
				}
			}
		});
	}

	private CompletableFuture<Void> send(TcpBackend<Frame> backend) {
		return CompletableFuture.runAsync(() -> {
			while (goesOn()) {
				SendResult result = backend.trySend("game", Route.hash("user-" + this.sent.incrementAndGet()),
						Frame.push("x"));
				if (!result.accepted()) {
					this.failures.add(result);
				}
				while (this.sent.get() - this.received.get() > 1000 && goesOn()) {
					Thread.yield();
				}
			}
		});
	}

	private void assertNothingFailed(List<CompletableFuture<Void>> load) {
		this.stopped.set(true);
		assertThat(load).allSatisfy((each) -> assertThat(each).succeedsWithin(LONG));
		assertThat(this.failures).as("of %s", this.sent).isEmpty();
		await().untilAsserted(() -> assertThat(this.received).hasValue(this.sent.get()));
	}

	private static void awaitReady(TcpBackend<Frame> backend, String id) {
		await().until(() -> backend.group("game").routing().get(id) != null);
	}

	@Test
	void whenEachOfAHundredInstancesIsReplacedUnderLoadThenNoRequestFails() throws Exception {
		TcpBackend<Frame> backend = start(100);
		List<CompletableFuture<Void>> load = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			load.add(request(backend, 2));
		}
		for (int i = 0; i < 100; i++) {
			put("new-" + i, this.server);
			publish();
			awaitReady(backend, "new-" + i);
			this.instances.remove("old-" + i);
			publish();
		}
		await().until(() -> backend.services().size() == 100);
		assertNothingFailed(load);
	}

	@Test
	void whenAThousandIdleInstancesAreDrainedWhileRoutingGoesOnThenNothingIsRefused() throws Exception {
		TcpBackend<Frame> backend = start(150);
		List<CompletableFuture<Void>> load = List.of(send(backend), send(backend));
		for (int round = 0; round < 10; round++) {
			for (int i = 0; i < 100; i++) {
				this.instances.remove("old-" + i);
				if (i % 10 == 9) {
					publish();
				}
			}
			await().until(() -> backend.services().size() == 50);
			for (int i = 0; i < 100; i++) {
				put("old-" + i, this.server);
			}
			publish();
			await().until(() -> backend.group("game").routing().members().size() == 150);
		}
		assertNothingFailed(load);
	}

	@Test
	void whenInstancesMoveWhileRoutingGoesOnThenNothingIsRefused() throws Exception {
		TestServer other = server();
		TcpBackend<Frame> backend = start(60);
		List<CompletableFuture<Void>> load = List.of(request(backend, 1), send(backend));
		for (int round = 0; round < 6; round++) {
			TestServer next = (round % 2 == 0) ? other : this.server;
			for (int i = 0; i < 50; i++) {
				put("old-" + i, next);
				publish();
			}
			await().until(() -> backend.services()
				.stream()
				.filter((service) -> service.state() == TcpState.READY && service.config().port() == next.port())
				.count() >= 50);
		}
		assertNothingFailed(load);
	}

	@Test
	void whenInstancesAreSuspendedAndResumedWhileRoutingGoesOnThenNothingIsRefused() throws Exception {
		TcpBackend<Frame> backend = start(60);
		List<CompletableFuture<Void>> load = List.of(request(backend, 1), send(backend));
		for (int round = 0; round < 5; round++) {
			List<CompletableFuture<Void>> suspended = new ArrayList<>();
			for (int i = 0; i < 50; i++) {
				suspended.add(backend.suspend("game", "old-" + i));
			}
			assertThat(suspended).allSatisfy((each) -> assertThat(each).succeedsWithin(LONG));
			for (int i = 0; i < 50; i++) {
				backend.resume("game", "old-" + i);
			}
			await().until(() -> backend.group("game").routing().members().size() == 60);
		}
		assertNothingFailed(load);
	}

}
