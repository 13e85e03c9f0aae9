package dev.backend.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpServer;
import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.FreePorts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * {@link HttpBackend} and its probes, on the JDK's HTTP server.
 */
@Timeout(60)
class HttpBackendTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final EventRecorder events = new EventRecorder();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final AtomicInteger status = new AtomicInteger(200);

	private final HttpSettings quick = HttpSettings.defaults().withTimes(Duration.ofMillis(20), Duration.ofSeconds(10));

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	@Test
	void whenTheProbeSucceedsThenTheInstanceIsOnTheRingAndWhenItFailsItIsNot() throws Exception {
		HttpServer server = server(0);
		int port = server.getAddress().getPort();
		HttpBackend backend = start(this.quick, instance("pay-1", port));
		assertThat(backend.awaitReady(LONG)).isTrue();
		assertThat(backend.select("pay", Route.hash("user-1")).uri("/orders?of=7"))
			.hasToString("http://127.0.0.1:" + port + "/orders?of=7");
		await().until(() -> this.events.events().contains("ready pay-1"));
		server.stop(0);
		await().until(() -> backend.find("pay", Route.hash("user-1")) == null);
		HttpService service = backend.getService("pay", "pay-1");
		assertThat(service.state()).isEqualTo(HttpState.DOWN);
		assertThat(service.lastFailure()).isNotNull();
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.select("pay", Route.hash("user-1")))
			.withMessageContainingAll("No usable service pay", "1 known", "DOWN", "refused");
		server(port);
		await().until(() -> backend.find("pay", Route.hash("user-1")) == service);
		await().until(() -> this.events.events().size() == 6);
		assertThat(this.events.events()).containsExactly("added pay-1", "connected pay-1", "ready pay-1",
				"disconnected pay-1", "connected pay-1", "ready pay-1");
	}

	@Test
	void whenOneServerIsDeadThenTheStartWaitsForTheOthersAlone() throws Exception {
		HttpServer dead = server(0);
		dead.stop(0);
		HttpBackend backend = start(HttpSettings.defaults().withTimes(Duration.ofHours(1), LONG),
				instance("pay-1", server(0).getAddress().getPort()), instance("pay-2", dead.getAddress().getPort()));
		assertThat(backend.awaitReady(Duration.ofHours(1))).isFalse();
		assertThat(backend.getService("pay", "pay-1").state()).isEqualTo(HttpState.UP);
		assertThat(backend.getService("pay", "pay-2").state()).isEqualTo(HttpState.DOWN);
	}

	@Test
	void whenTheExecutorIsFullForAWhileThenListenersAreToldLater() throws Exception {
		AtomicBoolean full = new AtomicBoolean(true);
		AtomicInteger refused = new AtomicInteger();
		this.discovery.set(instance("pay-1", server(0).getAddress().getPort()));
		HttpBackend backend = HttpBackend.builder()
			.discovery(this.discovery)
			.settings(HttpSettings.defaults().withTimes(Duration.ofHours(1), LONG))
			.listener(this.events)
			.handlerExecutor((task) -> {
				if (full.get()) {
					refused.incrementAndGet();
					throw new RejectedExecutionException("full");
				}
				task.run();
			})
			.build();
		this.resources.add(backend);
		backend.start();
		assertThat(backend.awaitReady(LONG)).isTrue();
		// Three callbacks, of which the last was refused.
		await().until(() -> refused.get() > 3);
		assertThat(this.events.events()).isEmpty();
		full.set(false);
		await().until(() -> this.events.events().contains("ready pay-1"));
		assertThat(this.events.events()).containsExactly("added pay-1", "connected pay-1", "ready pay-1");
	}

	@Test
	void whenTheStatusIsNotTheExpectedOneThenTheInstanceIsDown() throws Exception {
		HttpServer server = server(0);
		HttpBackend backend = start(this.quick.withProbe(HttpProbe.get("/health")),
				instance("pay-1", server.getAddress().getPort()));
		assertThat(backend.awaitReady(LONG)).isTrue();
		this.status.set(503);
		HttpService service = backend.getService("pay", "pay-1");
		await().until(() -> service.availability() == Availability.UNAVAILABLE);
		assertThat(service.lastFailure()).hasMessage("GET /health: status 503 (expected: 200 to 299)");
		this.status.set(204);
		await().until(() -> service.availability() == Availability.READY);
	}

	@Test
	void whenTheSettingsChangeThenTheNextProbeFollowsThemAndDoesNotWaitForTheOldInterval() throws Exception {
		HttpServer server = server(0);
		HttpBackend backend = start(HttpSettings.defaults().withTimes(Duration.ofHours(1), LONG),
				instance("pay-1", server.getAddress().getPort()));
		assertThat(backend.awaitReady(LONG)).isTrue();
		this.status.set(503);
		HttpSettings changed = this.quick.withProbe(HttpProbe.get("/health"));
		backend.settings(changed);
		assertThat(backend.settings()).isEqualTo(changed);
		HttpService service = backend.getService("pay", "pay-1");
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure()).hasMessageContaining("status 503");
	}

	@Test
	void whenNobodyAnswersThenTheProbeFailsInTime() throws Exception {
		try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			HttpBackend backend = start(
					this.quick.withProbe(HttpProbe.get("/health"))
						.withTimes(Duration.ofHours(1), Duration.ofMillis(50)),
					instance("pay-1", silent.getLocalPort()));
			await().until(() -> backend.findService("pay", "pay-1") != null
					&& backend.getService("pay", "pay-1").state() == HttpState.DOWN);
			assertThat(backend.getService("pay", "pay-1").lastFailure())
				.hasMessage("no answer to the probe within 50ms (backend.http.probe.timeout)");
		}
	}

	@Test
	void whenTheProbeCannotBeMadeThenTheInstanceIsDownAndItsPlaceIsFree() throws Exception {
		HttpServer server = server(0);
		HttpSettings settings = new HttpSettings(HttpProbe.get("/no path"), Duration.ofMillis(20), LONG, 1, 1, 1,
				HttpEjection.off());
		HttpBackend backend = start(settings, instance("pay-1", server.getAddress().getPort()),
				instance("pay-2", server.getAddress().getPort()));
		await().until(() -> backend.services().size() == 2
				&& backend.services().stream().allMatch((service) -> service.state() == HttpState.DOWN));
		assertThat(backend.getService("pay", "pay-1").lastFailure()).hasMessageContaining("/no path");
	}

	@Test
	void oneFailureIsNotEnoughIfTheThresholdSaysSo() throws Exception {
		HttpServer server = server(0);
		HttpSettings slow = this.quick.withProbe(HttpProbe.get("/"))
			.withTimes(Duration.ofHours(1), LONG)
			.withThresholds(2, 3);
		HttpBackend backend = start(slow, instance("pay-1", server.getAddress().getPort()));
		assertThat(backend.awaitReady(LONG)).isTrue();
		HttpService service = backend.getService("pay", "pay-1");
		await().until(() -> probes(service) == 1);
		this.status.set(500);
		for (int i = 0; i < 2; i++) {
			probe(service);
			assertThat(service.state()).isEqualTo(HttpState.UP);
		}
		probe(service);
		assertThat(service.state()).isEqualTo(HttpState.DOWN);
		this.status.set(200);
		probe(service);
		assertThat(service.state()).isEqualTo(HttpState.DOWN);
		assertThat(backend.awaitReady(Duration.ofHours(1))).as("the next probe is not waited for").isFalse();
		probe(service);
		assertThat(service.state()).isEqualTo(HttpState.UP);
	}

	@Test
	void whenAnInstanceMovesWhileItsOldProbeHangsThenTheOldProbeDoesNotHarmTheNew() throws Exception {
		HttpServer server = server(0);
		try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			HttpBackend backend = start(
					this.quick.withProbe(HttpProbe.get("/")).withTimes(Duration.ofMillis(20), Duration.ofMillis(500)),
					instance("pay-1", silent.getLocalPort()));
			await().until(() -> backend.findService("pay", "pay-1") != null);
			HttpService service = backend.getService("pay", "pay-1");
			this.discovery.set(instance("pay-1", server.getAddress().getPort()));
			await().until(() -> service.state() == HttpState.UP);
			await().during(Duration.ofSeconds(1))
				.atMost(LONG)
				.until(() -> backend.find("pay", Route.hash("user-1")) == service);
			assertThat(this.events.events()).containsExactly("added pay-1", "moved pay-1", "connected pay-1",
					"ready pay-1");
		}
	}

	@Test
	void whenAnInstanceMovesThenItIsOneServiceAndIsOnTheRingAllTheTime() throws Exception {
		int before = server(0).getAddress().getPort();
		HttpBackend backend = start(this.quick, instance("pay-1", before));
		assertThat(backend.awaitReady(LONG)).isTrue();
		HttpService service = backend.getService("pay", "pay-1");
		assertThat(service.uri().getPort()).isEqualTo(before);
		AtomicBoolean stopped = new AtomicBoolean();
		CompletableFuture<Integer> gaps = CompletableFuture.supplyAsync(() -> {
			int missed = 0;
			while (!stopped.get()) {
				missed += (backend.find("pay", Route.hash("user-1")) != service) ? 1 : 0;
			}
			return missed;
		});
		int unused = FreePorts.one();
		this.discovery.set(instance("pay-1", unused));
		long failed = service.counters().failedProbes();
		await().until(() -> service.counters().failedProbes() > failed);
		assertThat(service.uri().getPort()).isEqualTo(before);
		int after = server(0).getAddress().getPort();
		this.discovery.set(instance("pay-1", after));
		await().until(() -> this.events.events().size() == 7);
		stopped.set(true);
		assertThat(gaps).succeedsWithin(LONG).isEqualTo(0);
		assertThat(service.uri().getPort()).isEqualTo(after);
		assertThat(backend.getService("pay", "pay-1")).isSameAs(service);
		assertThat(this.events.events()).containsExactly("added pay-1", "connected pay-1", "ready pay-1",
				"disconnected pay-1", "moved pay-1", "connected pay-1", "ready pay-1");
	}

	@Test
	void whenAnInstanceMovesThatIsDownThenItIsProbedThereAtOnce() throws Exception {
		int unused = FreePorts.one();
		HttpBackend backend = start(HttpSettings.defaults().withTimes(Duration.ofHours(1), LONG),
				instance("pay-1", unused));
		await().until(() -> backend.findService("pay", "pay-1") != null
				&& backend.getService("pay", "pay-1").state() == HttpState.DOWN);
		HttpService service = backend.getService("pay", "pay-1");
		this.discovery.set(instance("pay-1", server(0).getAddress().getPort()));
		await().until(() -> backend.find("pay", Route.hash("user-1")) == service);
		assertThat(service.lastFailure()).isNull();
	}

	@Test
	void whenAnInstanceMovesThenRequestsThatFailedWhereItWasDoNotCountAgainstIt() throws Exception {
		HttpSettings settings = new HttpSettings(HttpProbe.get("/"), Duration.ofMillis(20), LONG, 1, 1, 1,
				HttpEjection.on().after(2));
		int before = server(0).getAddress().getPort();
		HttpBackend backend = start(settings, instance("pay-1", before), instance("pay-2", before));
		assertThat(backend.awaitReady(LONG)).isTrue();
		HttpService service = backend.getService("pay", "pay-1");
		service.failed(new IOException("before"));
		this.discovery.set(instance("pay-1", server(0).getAddress().getPort()), instance("pay-2", before));
		await().until(() -> this.events.events().contains("moved pay-1"));
		service.failed(new IOException("once"));
		long probes = probes(service);
		await().until(() -> probes(service) > probes + 1);
		assertThat(service.state()).isEqualTo(HttpState.UP);
		service.failed(new IOException("twice"));
		await().until(() -> service.state() == HttpState.EJECTED);
	}

	@Test
	void whenAnInstanceLeavesTheRegistryThenItIsGoneAlthoughItAnswers() throws Exception {
		HttpServer server = server(0);
		int port = server.getAddress().getPort();
		HttpBackend backend = start(this.quick, instance("pay-1", port), instance("pay-2", port));
		assertThat(backend.awaitReady(LONG)).isTrue();
		HttpService gone = backend.getService("pay", "pay-2");
		this.discovery.set(instance("pay-1", port));
		await().until(() -> backend.findService("pay", "pay-2") == null);
		await().until(() -> this.events.events().contains("removed pay-2"));
		assertThat(gone.availability()).isEqualTo(Availability.CLOSED);
		assertThat(this.events.events()).containsSubsequence("added pay-2", "connected pay-2", "disconnected pay-2",
				"removed pay-2");
	}

	@Test
	void instancesOfOtherProtocolsAreNotTaken() throws Exception {
		HttpServer server = server(0);
		int port = server.getAddress().getPort();
		HttpBackend backend = start(this.quick, InMemoryDiscovery.instance("game", "game-1", port),
				instance("pay-1", port));
		assertThat(backend.awaitReady(LONG)).isTrue();
		assertThat(backend.groups()).containsOnlyKeys("pay");
	}

	@Test
	void whenAnAddressCannotBeTheHostOfAUriThenTheInstanceIsLeftOut() throws Exception {
		int port = server(0).getAddress().getPort();
		HttpBackend backend = start(this.quick, instance("pay-1", port), at("pay-2", "my_host_1", port),
				at("pay-3", "pay.4f", port), at("pay-4", "müller.invalid", port));
		await().until(() -> backend.findService("pay", "pay-4") != null);
		assertThat(backend.group("pay").services()).extracting(HttpService::id)
			.containsExactlyInAnyOrder("pay-1", "pay-4");
		assertThat(backend.getService("pay", "pay-4").uri("/orders"))
			.hasToString("http://xn--mller-kva.invalid:%d/orders".formatted(port))
			.hasHost("xn--mller-kva.invalid");
	}

	private static DiscoveredInstance at(String id, String address, int port) {
		return new DiscoveredInstance("pay", id, "http", address, port, List.of(), Map.of());
	}

	@Test
	void whenClosedThenNoThreadIsLeft() throws Exception {
		HttpServer server = server(0);
		HttpBackend backend = HttpBackend.builder()
			.name("closing-http")
			.discovery(this.discovery)
			.settings(this.quick)
			.build();
		this.discovery.set(instance("pay-1", server.getAddress().getPort()));
		backend.start();
		assertThat(backend.awaitReady(LONG)).isTrue();
		backend.close();
		assertThat(backend.groups()).isEmpty();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("closing-http")));
	}

	@Test
	void whenAnInstanceIsDrainedAndPutBackBesideTheCloseThenEveryFutureEnds() throws Exception {
		int port = server(0).getAddress().getPort();
		for (int round = 0; round < 20; round++) {
			HttpBackend backend = start(this.quick, instance("pay-1", port));
			assertThat(backend.awaitReady(LONG)).isTrue();
			CountDownLatch begun = new CountDownLatch(1);
			CompletableFuture<Void> caller = CompletableFuture.runAsync(() -> {
				try {
					while (true) {
						backend.drain("pay", "pay-1").exceptionally((failure) -> null).join();
						begun.countDown();
						backend.undrain("pay", "pay-1").exceptionally((failure) -> null).join();
					}
				}
				catch (ServiceNotFoundException ex) {
					// Closed.
				}
			});
			assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
			backend.close();
			assertThat(caller).succeedsWithin(LONG);
		}
	}

	@Test
	void whenStartedAgainThenItProbesAgainWithTheSettingsAndCountersOfBefore() throws Exception {
		HttpServer server = server(0);
		HttpBackend backend = start(this.quick, instance("pay-1", server.getAddress().getPort()));
		assertThat(backend.awaitReady(LONG)).isTrue();
		HttpCounters counters = backend.getService("pay", "pay-1").counters();
		backend.stop();
		assertThat(backend.groups()).isEmpty();
		backend.start();
		assertThat(backend.awaitReady(LONG)).isTrue();
		assertThat(backend.settings()).isSameAs(this.quick);
		assertThat(backend.getService("pay", "pay-1").counters()).isSameAs(counters);
		assertThat(counters.ups()).isEqualTo(2);
	}

	/** Probes once more, and waits for the outcome. */
	private void probe(HttpService service) {
		long before = probes(service);
		service.probe();
		await().until(() -> probes(service) > before);
	}

	private static long probes(HttpService service) {
		return service.counters().succeededProbes() + service.counters().failedProbes();
	}

	private HttpBackend start(HttpSettings settings, DiscoveredInstance... instances) {
		this.discovery.set(instances);
		HttpBackend backend = HttpBackend.builder()
			.discovery(this.discovery)
			.settings(settings)
			.listener(this.events)
			.build();
		this.resources.add(0, backend);
		backend.start();
		return backend;
	}

	private HttpServer server(int port) throws IOException {
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
		server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(this.status.get(), -1);
			exchange.close();
		});
		server.start();
		this.resources.add(() -> server.stop(0));
		return server;
	}

	private static DiscoveredInstance instance(String id, int port) {
		return new DiscoveredInstance("pay", id, "http", "127.0.0.1", port, List.of(), Map.of());
	}

}
