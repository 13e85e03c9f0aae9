package dev.backend.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.backend.Route;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Many probes, instances that flap, and probes that hang.
 */
@Timeout(120)
@SlowTest
class ProbeTroubleTests {

	private static final Duration LONG = Duration.ofSeconds(60);

	private static final Duration HOUR = Duration.ofHours(1);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final EventRecorder events = new EventRecorder();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final AtomicInteger active = new AtomicInteger();

	private final AtomicInteger most = new AtomicInteger();

	private final AtomicInteger answered = new AtomicInteger();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private HttpBackend start(HttpSettings settings, DiscoveredInstance... instances) {
		this.discovery.set(instances);
		HttpBackend backend = HttpBackend.builder()
			.name("trouble")
			.discovery(this.discovery)
			.settings(settings)
			.listener(this.events)
			.eventLoops(2)
			.build();
		this.resources.add(0, backend);
		backend.start();
		return backend;
	}

	private int server(HttpHandler handler) throws Exception {
		ExecutorService threads = Executors.newCachedThreadPool();
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.setExecutor(threads);
		server.createContext("/", handler);
		server.start();
		this.resources.add(() -> server.stop(0));
		this.resources.add(threads::shutdownNow);
		return server.getAddress().getPort();
	}

	private static DiscoveredInstance instance(String name, String id, int port) {
		return new DiscoveredInstance(name, id, "http", "127.0.0.1", port, List.of(), Map.of());
	}

	@Test
	void soManyProbesAreUnderWayAtOnceAndNoMore() throws Exception {
		CountDownLatch released = new CountDownLatch(1);
		int port = server((exchange) -> {
			this.active.incrementAndGet();
			awaitQuietly(released);
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		DiscoveredInstance[] instances = new DiscoveredInstance[100];
		for (int i = 0; i < instances.length; i++) {
			instances[i] = instance("pay", "pay-" + i, port);
		}
		HttpBackend backend = start(
				HttpSettings.defaults().withProbe(HttpProbe.get("/")).withTimes(HOUR, LONG).withConcurrentProbes(3),
				instances);
		await().until(() -> this.active.get() == 3);
		await().during(Duration.ofMillis(300)).until(() -> this.active.get() == 3);
		released.countDown();
		assertThat(backend.awaitReady(LONG)).isTrue();
		assertThat(this.active.get()).isEqualTo(100);
	}

	/** Several ports, so that the system has enough ports for the other end. */
	@Test
	void tenThousandInstancesAreProbedByTwoThreads() throws Exception {
		List<Integer> ports = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			DisposableServer server = reactor.netty.http.server.HttpServer.create()
				.host("127.0.0.1")
				.handle((request, response) -> {
					this.most.accumulateAndGet(this.active.incrementAndGet(), Math::max);
					this.answered.incrementAndGet();
					return Mono.delay(Duration.ofMillis(5))
						.doOnNext((unused) -> this.active.decrementAndGet())
						.then(response.status(204).send());
				})
				.bindNow();
			this.resources.add(server::disposeNow);
			ports.add(server.port());
		}
		DiscoveredInstance[] instances = new DiscoveredInstance[10_000];
		for (int i = 0; i < instances.length; i++) {
			instances[i] = instance("pay-" + i % 20, "pay-" + i, ports.get(i % 4));
		}
		HttpBackend backend = start(
				HttpSettings.defaults().withProbe(HttpProbe.get("/")).withTimes(HOUR, LONG).withConcurrentProbes(64),
				instances);
		assertThat(becomesReady(backend)).isTrue();
		assertThat(this.answered.get()).isEqualTo(10_000);
		assertThat(this.most.get()).isBetween(1, 64);
		assertThat(Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("trouble-io"))).hasSizeBetween(1, 2);
	}

	/**
	 * So long without any answer is a failure; how long they all take is the machine's.
	 */
	private boolean becomesReady(HttpBackend backend) throws InterruptedException {
		int before;
		do {
			before = this.answered.get();
			if (backend.awaitReady(LONG)) {
				return true;
			}
		}
		while (this.answered.get() > before);
		return false;
	}

	@Test
	void whenTheAnswersAlternateThenTheThresholdsKeepTheInstanceWhereItIs() throws Exception {
		int port = server((exchange) -> {
			exchange.sendResponseHeaders((this.answered.getAndIncrement() % 2 == 0) ? 200 : 500, -1);
			exchange.close();
		});
		HttpBackend backend = start(HttpSettings.defaults()
			.withProbe(HttpProbe.get("/"))
			.withTimes(Duration.ofMillis(1), LONG)
			.withThresholds(2, 2), instance("pay", "pay-1", port));
		await().until(() -> this.answered.get() >= 50);
		assertThat(backend.getService("pay", "pay-1").state()).isEqualTo(HttpState.UP);
		assertThat(this.events.events()).containsExactly("added pay-1", "connected pay-1", "ready pay-1");
	}

	@Test
	void whenAnInstanceFlapsThenItsEventsStayInPairs() throws Exception {
		int port = server((exchange) -> {
			exchange.sendResponseHeaders((this.answered.getAndIncrement() % 4 < 2) ? 200 : 500, -1);
			exchange.close();
		});
		HttpBackend backend = start(HttpSettings.defaults()
			.withProbe(HttpProbe.get("/"))
			.withTimes(Duration.ofMillis(1), LONG)
			.withThresholds(2, 2), instance("pay", "pay-1", port));
		await().atMost(LONG).until(() -> this.answered.get() >= 80);
		this.discovery.set();
		await().until(() -> this.events.events().contains("removed pay-1"));
		assertThat(backend.groups()).isEmpty();
		List<String> told = this.events.of("pay-1").stream().filter((event) -> !event.equals("ready")).toList();
		assertThat(told).startsWith("added").endsWith("removed");
		List<String> pairs = told.subList(1, told.size() - 1);
		assertThat(pairs).hasSizeGreaterThan(20);
		for (int i = 0; i < pairs.size(); i++) {
			assertThat(pairs.get(i)).isEqualTo((i % 2 == 0) ? "connected" : "disconnected");
		}
	}

	/**
	 * The first probe gets its answer only after the instance has gone and another one
	 * has come in its place, at the same address.
	 */
	@Test
	void whenAnInstanceIsRegisteredAgainWhileItsOldProbeHangsThenTheOldProbeSaysNothingOfIt() throws Exception {
		CountDownLatch released = new CountDownLatch(1);
		CountDownLatch failed = new CountDownLatch(1);
		int port = server((exchange) -> {
			if (this.answered.getAndIncrement() == 0) {
				awaitQuietly(released);
				exchange.sendResponseHeaders(500, -1);
				exchange.close();
				failed.countDown();
				return;
			}
			exchange.sendResponseHeaders(200, -1);
			exchange.close();
		});
		HttpBackend backend = start(HttpSettings.defaults()
			.withProbe(HttpProbe.get("/"))
			.withTimes(Duration.ofMillis(20), LONG)
			.withThresholds(1, 1), instance("pay", "pay-1", port));
		await().until(() -> this.answered.get() == 1);
		HttpService old = backend.getService("pay", "pay-1");
		this.discovery.set();
		await().until(() -> backend.findService("pay", "pay-1") == null);
		this.discovery.set(instance("pay", "pay-1", port));
		await().until(() -> backend.find("pay", Route.hash("user-1")) != null);
		HttpService present = backend.getService("pay", "pay-1");
		assertThat(present).isNotSameAs(old);
		released.countDown();
		assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
		int before = this.answered.get();
		await().until(() -> this.answered.get() >= before + 5);
		assertThat(old.state()).isEqualTo(HttpState.CLOSED);
		assertThat(backend.find("pay", Route.hash("user-1"))).isSameAs(present);
		assertThat(this.events.of("pay-1")).containsExactly("added", "removed", "added", "connected", "ready");
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
