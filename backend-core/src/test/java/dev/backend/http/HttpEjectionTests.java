package dev.backend.http;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.sun.management.ThreadMXBean;
import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Instances whose probe succeeds, while requests to them fail.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class HttpEjectionTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Duration HOUR = Duration.ofHours(1);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final EventRecorder events = new EventRecorder();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final Map<String, DisposableServer> servers = new HashMap<>();

	private final HttpEjection forAnHour = HttpEjection.on().after(3).lasting(HOUR, HOUR);

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
		this.servers.values().forEach(DisposableServer::disposeNow);
	}

	private HttpBackend start(HttpEjection ejection, String... ids) throws Exception {
		List<DiscoveredInstance> instances = new ArrayList<>();
		for (String id : ids) {
			instances.add(instance(id, listen(id, 0)));
		}
		this.discovery.set(instances.toArray(DiscoveredInstance[]::new));
		HttpBackend backend = HttpBackend.builder()
			.name("ejecting")
			.discovery(this.discovery)
			.settings(HttpSettings.defaults().withTimes(Duration.ofMillis(20), LONG).withEjection(ejection))
			.listener(this.events)
			.eventLoops(2)
			.build();
		this.resources.add(backend);
		backend.start();
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().until(
				() -> this.events.events().stream().filter((event) -> event.startsWith("ready")).count() == ids.length);
		return backend;
	}

	private DiscoveredInstance instance(String id, int port) {
		return new DiscoveredInstance("pay", id, "http", "127.0.0.1", port, List.of(), Map.of("routerTag", id));
	}

	private int listen(String id, int port) {
		DisposableServer server = TcpServer.create().host("127.0.0.1").port(port).bindNow();
		this.servers.put(id, server);
		return server.port();
	}

	private static void fail(HttpService service, int times) {
		for (int i = 0; i < times; i++) {
			service.failed(new IOException("request " + i));
		}
	}

	/**
	 * The event loop that counts a probe begun from now on has seen all failures before.
	 */
	private void awaitJudgement(HttpService service) {
		long before = service.counters().succeededProbes();
		await().until(() -> service.counters().succeededProbes() > before + 1);
	}

	@Test
	void whenAnInstanceIsDrainedThenTheOnlyOneLeftIsNotEjected(CapturedOutput output) throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2");
		HttpService drained = backend.getService("pay", "pay-1");
		HttpService other = backend.getService("pay", "pay-2");
		fail(drained, 3);
		await().until(() -> drained.state() == HttpState.EJECTED);
		assertThat(backend.drain("pay", "pay-1")).succeedsWithin(LONG);
		await().until(() -> drained.state() == HttpState.UP);
		assertThat(drained.availability()).isEqualTo(Availability.DRAINING);
		fail(other, 3);
		await().until(() -> output.getOut().contains(other + " is not ejected although"));
		assertThat(other.state()).isEqualTo(HttpState.UP);
		assertThat(backend.undrain("pay", "pay-1")).succeedsWithin(LONG);
		await().until(() -> {
			fail(other, 3);
			return other.state() == HttpState.EJECTED;
		});
		assertThat(drained.state()).isEqualTo(HttpState.UP);
	}

	@Test
	void whenAnInstanceIsEjectedThenItIsNotWaitedFor() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2");
		HttpService service = backend.getService("pay", "pay-1");
		fail(service, 3);
		await().until(() -> service.state() == HttpState.EJECTED);
		assertThat(backend.awaitReady(HOUR)).isFalse();
	}

	@Test
	void whenAnEjectedInstanceIsDrainedThenItsEjectionEnds() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2");
		HttpService service = backend.getService("pay", "pay-1");
		fail(service, 3);
		await().until(() -> service.state() == HttpState.EJECTED);
		assertThat(backend.drain("pay", "pay-1")).succeedsWithin(LONG);
		await().until(() -> service.state() == HttpState.UP);
		assertThat(backend.find("pay", Route.any().tag("pay-1"))).isNull();
		assertThat(backend.undrain("pay", "pay-1")).succeedsWithin(LONG);
		await().until(() -> backend.find("pay", Route.any().tag("pay-1")) == service);
	}

	@Test
	void whenRequestsFailInARowThenTheInstanceIsOffItsRingsAndComesBackByItself() throws Exception {
		Duration time = Duration.ofSeconds(2);
		HttpBackend backend = start(HttpEjection.on().after(3).lasting(time, time), "pay-1", "pay-2");
		HttpService service = backend.getService("pay", "pay-1");
		fail(service, 3);
		await().until(() -> service.state() == HttpState.EJECTED);
		await().until(() -> backend.group("pay").routing().members().size() == 1);
		assertThat(service.lastFailure())
			.hasMessage("ejected for 2s: 3 requests in a row failed, the last with: request 2");
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.select("pay", Route.any().tag("pay-1")))
			.withMessageContainingAll("No usable service pay", "2 known", "pay-1 [pay-1]=EJECTED (ejected for 2s",
					"pay-2 [pay-2]=UP");
		await().until(() -> backend.find("pay", Route.any().tag("pay-1")) == service);
		assertThat(service.lastFailure()).isNull();
		await().until(() -> this.events.of("pay-1").size() == 6);
		assertThat(this.events.of("pay-1")).containsExactly("added", "connected", "ready", "disconnected", "connected",
				"ready");
		assertThat(backend.ejections()).isOne();
	}

	@Test
	void whenOneSucceedsInBetweenThenTheInstanceStays() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2");
		HttpService service = backend.getService("pay", "pay-1");
		for (int i = 0; i < 10; i++) {
			fail(service, 2);
			service.succeeded();
		}
		HttpService other = backend.getService("pay", "pay-2");
		fail(other, 3);
		await().until(() -> other.state() == HttpState.EJECTED);
		assertThat(service.state()).isEqualTo(HttpState.UP);
	}

	@Test
	void withoutEjectionFailuresChangeNothing() throws Exception {
		HttpBackend backend = start(HttpEjection.off(), "pay-1", "pay-2");
		fail(backend.getService("pay", "pay-1"), 100);
		backend.settings(backend.settings().withEjection(this.forAnHour));
		HttpService other = backend.getService("pay", "pay-2");
		fail(other, 3);
		await().until(() -> other.state() == HttpState.EJECTED);
		assertThat(backend.getService("pay", "pay-1").state()).isEqualTo(HttpState.UP);
	}

	@Test
	void theOnlyInstanceOfAGroupIsNeverEjected() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1");
		HttpService service = backend.getService("pay", "pay-1");
		fail(service, 100);
		awaitJudgement(service);
		this.discovery.set(instance("pay-1", server("pay-1").port()), instance("pay-2", listen("pay-2", 0)));
		assertThat(backend.awaitReady(LONG)).isTrue();
		await().until(() -> backend.findService("pay", "pay-2") != null);
		await().until(() -> backend.find("pay", Route.any().tag("pay-2")) != null);
		assertThat(service.state()).isEqualTo(HttpState.UP);
		fail(service, 3);
		await().until(() -> service.state() == HttpState.EJECTED);
	}

	@Test
	void whenRequestsToAllFailAtOnceThenHalfOfTheGroupStays() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2", "pay-3", "pay-4", "pay-5");
		ExecutorService threads = Executors.newFixedThreadPool(5);
		this.resources.add(threads::shutdownNow);
		CyclicBarrier start = new CyclicBarrier(5);
		List<Future<?>> done = new ArrayList<>();
		for (HttpService service : backend.services()) {
			done.add(threads.submit(() -> {
				start.await();
				fail(service, 30);
				return null;
			}));
		}
		for (Future<?> future : done) {
			future.get();
		}
		await().until(() -> backend.ejections() == 2);
		await().until(() -> backend.group("pay").routing().members().size() == 3);
		assertThat(backend.services()).filteredOn((service) -> service.state() == HttpState.EJECTED).hasSize(2);
	}

	@Test
	void whenTheOthersGoDownThenTheEjectedComesBack() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2");
		HttpService service = backend.getService("pay", "pay-1");
		fail(service, 3);
		await().until(() -> service.state() == HttpState.EJECTED);
		server("pay-2").disposeNow();
		await().until(() -> backend.getService("pay", "pay-2").state() == HttpState.DOWN);
		await().until(() -> backend.find("pay", Route.any()) == service);
	}

	@Test
	void whenTheEjectedGoesDownThenItComesBackWithItsProbe() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2");
		HttpService service = backend.getService("pay", "pay-1");
		fail(service, 3);
		await().until(() -> service.state() == HttpState.EJECTED);
		int port = server("pay-1").port();
		server("pay-1").disposeNow();
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure()).hasMessageContaining("refused");
		listen("pay-1", port);
		await().until(() -> backend.find("pay", Route.any().tag("pay-1")) == service);
		await().until(() -> this.events.of("pay-1").size() == 6);
		assertThat(this.events.of("pay-1")).containsExactly("added", "connected", "ready", "disconnected", "connected",
				"ready");
	}

	@Test
	void whenTheEjectedLeavesTheRegistryThenItIsToldToBeGoneOnce() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2", "pay-3");
		HttpService service = backend.getService("pay", "pay-1");
		fail(service, 3);
		await().until(() -> service.state() == HttpState.EJECTED);
		this.discovery.set(instance("pay-2", server("pay-2").port()), instance("pay-3", server("pay-3").port()));
		await().until(() -> service.state() == HttpState.CLOSED);
		await().until(() -> this.events.of("pay-1").contains("removed"));
		assertThat(this.events.of("pay-1")).containsExactly("added", "connected", "ready", "disconnected", "removed");
		service.failed(new IOException("late"));
		service.succeeded();
		service.probe();
		assertThat(service.state()).isEqualTo(HttpState.CLOSED);
		// Its place among the ejected is free again.
		HttpService other = backend.getService("pay", "pay-2");
		fail(other, 3);
		await().until(() -> other.state() == HttpState.EJECTED);
	}

	@Test
	void toTellOfASuccessAllocatesNothing() throws Exception {
		HttpService service = start(this.forAnHour, "pay-1").getService("pay", "pay-1");
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		service.succeeded();
		long before = threads.getCurrentThreadAllocatedBytes();
		for (int i = 0; i < 100_000; i++) {
			service.succeeded();
		}
		// Less than a byte per call: what the measurement itself takes.
		assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
	}

	@Test
	void whenEjectionIsSwitchedOffThenTheEjectedComesBack() throws Exception {
		HttpBackend backend = start(this.forAnHour, "pay-1", "pay-2");
		HttpService service = backend.getService("pay", "pay-1");
		fail(service, 3);
		await().until(() -> service.state() == HttpState.EJECTED);
		backend.settings(backend.settings().withEjection(HttpEjection.off()));
		await().until(() -> service.state() == HttpState.UP);
	}

	private DisposableServer server(String id) {
		return Objects.requireNonNull(this.servers.get(id));
	}

}
