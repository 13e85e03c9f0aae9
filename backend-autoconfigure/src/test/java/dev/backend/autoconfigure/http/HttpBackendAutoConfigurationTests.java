package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import com.sun.net.httpserver.HttpServer;
import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.BackendDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsEndpoint;
import dev.backend.autoconfigure.endpoint.BackendsEndpointAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.event.BackendServiceEvent;
import dev.backend.autoconfigure.health.HttpBackendHealthContributorAutoConfiguration;
import dev.backend.autoconfigure.metrics.BackendMetricsAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceFilter;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import dev.backend.http.HttpState;
import dev.backend.tcp.TcpBackend;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class HttpBackendAutoConfigurationTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final List<String> events = new CopyOnWriteArrayList<>();

	private final ApplicationContextRunner disabledRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				HttpBackendAutoConfiguration.class, BackendEventAutoConfiguration.class,
				BackendsEndpointAutoConfiguration.class, BackendMetricsAutoConfiguration.class,
				HttpBackendHealthContributorAutoConfiguration.class))
		.withPropertyValues("management.endpoints.web.exposure.include=backends", "backend.http.probe.interval=20ms")
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withBean("recorder", EventRecorder.class, () -> new EventRecorder(this.events));

	private final ApplicationContextRunner contextRunner = this.disabledRunner
		.withPropertyValues("backend.http.enabled=true");

	private HttpServer server;

	@BeforeEach
	void startServer() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.createContext("/ready", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.server.start();
	}

	@AfterEach
	void stopServer() {
		this.server.stop(0);
	}

	@Test
	void whenTheContextHasClosedThenTheBackendIsClosedForGood() {
		HttpBackend[] backend = new HttpBackend[1];
		this.contextRunner.run((context) -> backend[0] = context.getBean(HttpBackend.class));
		assertThatIllegalStateException().isThrownBy(backend[0]::start).withMessageContaining("CLOSED");
	}

	@Test
	void withoutThePropertyThereIsNoHttpBackend() {
		this.disabledRunner.run((context) -> assertThat(context).doesNotHaveBean(HttpBackend.class));
	}

	@Test
	void theBackendFindsTheInstancesThatAnswer() {
		this.discovery.push(http("pay-1"));
		this.contextRunner.withPropertyValues("backend.http.probe.path=/ready", "backend.http.await-ready=20s")
			.run((context) -> {
				HttpBackend backend = context.getBean(HttpBackend.class);
				assertThat(backend.select("pay", Route.hash("user-1")).uri("/orders"))
					.hasToString("http://127.0.0.1:" + this.server.getAddress().getPort() + "/orders");
				await().until(() -> this.events.contains("ServiceReadyEvent pay-1"));
				HealthIndicator health = context.getBean("httpBackendHealthContributor", HealthIndicator.class);
				assertThat(Objects.requireNonNull(health.health()).getStatus()).isEqualTo(Status.UP);
				BackendDescriptor described = Objects
					.requireNonNull(context.getBean(BackendsEndpoint.class).backends().backends().get("httpBackend"));
				assertThat(described.protocol()).isEqualTo("http");
				assertThat(described.groups().get("pay")).satisfies((group) -> {
					assertThat(group.usable()).isEqualTo(1);
					assertThat(group.services().get(0).state()).isEqualTo("UP");
				});
				SimpleMeterRegistry meters = new SimpleMeterRegistry();
				context.getBeansOfType(MeterBinder.class).values().forEach((binder) -> binder.bindTo(meters));
				assertThat(meters.get("backend.http.ejected").tag("backend", "httpBackend").gauge().value()).isZero();
				assertThat(meters.get("backend.discovery.instances").tag("backend", "httpBackend").gauge().value())
					.isEqualTo(1);
				this.discovery.push();
				await().until(() -> this.events.contains("ServiceRemovedEvent pay-1"));
			});
	}

	@Test
	void bothBackendsTakeTheirOwnOfTheSameRegistry() {
		try (EchoServer game = EchoServer.start("game-1")) {
			this.discovery.push(http("pay-1"), game.instance());
			this.contextRunner.withBean(LineCodec.class).run((context) -> {
				HttpBackend http = context.getBean(HttpBackend.class);
				@SuppressWarnings("unchecked")
				TcpBackend<Line> tcp = context.getBean(TcpBackend.class);
				assertThat(http.awaitReady(LONG)).isTrue();
				assertThat(tcp.awaitReady(LONG)).isTrue();
				assertThat(http.groups()).containsOnlyKeys("pay");
				assertThat(tcp.groups()).containsOnlyKeys("game");
			});
		}
	}

	@Test
	void whatTheFilterBeanMakesATcpServiceIsNotTaken() {
		this.discovery.push(http("pay-1"), http("pay-2"));
		this.contextRunner
			.withBean(InstanceFilter.class,
					() -> (instance) -> instance.id().equals("pay-1")
							? ServiceConfig.tcp("pay", "pay-1", instance.address(), instance.port())
							: ServiceConfig.http("pay", "pay-2", instance.address(), instance.port()))
			.run((context) -> {
				HttpBackend backend = context.getBean(HttpBackend.class);
				assertThat(backend.awaitReady(LONG)).isTrue();
				assertThat(backend.services()).singleElement()
					.extracting((service) -> service.config().id())
					.isEqualTo("pay-2");
			});
	}

	@Test
	void whatTheFilterBeanMakesAnHttpServiceIsNotTakenByTheTcpBackend() {
		this.discovery.push(http("pay-1"), scheme("game-1", "tcp"), scheme("game-2", "kcp"));
		ApplicationContextRunner filtered = this.disabledRunner.withBean(LineCodec.class)
			.withBean(InstanceFilter.class, () -> (instance) -> new ServiceConfig("all", instance.id(),
					instance.scheme(), instance.address(), instance.port(), Set.of(), Map.of()));
		filtered.run((context) -> assertThat(ids(context.getBean(TcpBackend.class))).containsExactly("game-1", "game-2",
				"pay-1"));
		filtered.withPropertyValues("backend.http.enabled=true").run((context) -> {
			assertThat(ids(context.getBean(TcpBackend.class))).containsExactly("game-1", "game-2");
			assertThat(ids(context.getBean(HttpBackend.class))).containsExactly("pay-1");
		});
	}

	private static List<String> ids(FleetBackend<?, ?> backend) {
		await().until(() -> !backend.services().isEmpty());
		return backend.services().stream().map(FleetService::id).sorted().toList();
	}

	@Test
	void whenRequestsFailThenTheEndpointAndTheMetersSaySo() {
		this.discovery.push(http("pay-1"), http("pay-2"));
		this.contextRunner
			.withPropertyValues("backend.http.ejection.enabled=true", "backend.http.ejection.consecutive-failures=2",
					"backend.http.ejection.base-time=1h", "backend.http.ejection.maximum-time=2h",
					"backend.http.await-ready=20s")
			.run((context) -> {
				HttpService service = context.getBean(HttpBackend.class).getService("pay", "pay-1");
				service.failed(new IOException("reset"));
				service.failed(new IOException("reset"));
				await().until(() -> service.state() == HttpState.EJECTED);
				BackendDescriptor described = Objects
					.requireNonNull(context.getBean(BackendsEndpoint.class).backends().backends().get("httpBackend"));
				assertThat(described.groups().get("pay")).satisfies((group) -> {
					assertThat(group.known()).isEqualTo(2);
					assertThat(group.usable()).isEqualTo(1);
					assertThat(group.services().get(0).state()).isEqualTo("EJECTED");
					assertThat(group.services().get(0).reason())
						.isEqualTo("ejected for 1h: 2 requests in a row failed, the last with: reset");
				});
				SimpleMeterRegistry meters = new SimpleMeterRegistry();
				context.getBeansOfType(MeterBinder.class).values().forEach((binder) -> binder.bindTo(meters));
				assertThat(meters.get("backend.http.ejections").functionCounter().count()).isEqualTo(1);
				assertThat(meters.get("backend.http.ejected").gauge().value()).isEqualTo(1);
				await().until(() -> this.events.contains("ServiceDisconnectedEvent pay-1"));
			});
	}

	@Test
	void customizersAndOwnBackendsAreUsed() {
		this.contextRunner
			.withBean(HttpBackendBuilderCustomizer.class, () -> (builder) -> builder.confirmationDelay(LONG))
			.run((context) -> assertThat(context).hasSingleBean(HttpBackend.class));
		this.contextRunner
			.withBean("own", HttpBackend.class, () -> HttpBackend.builder().discovery(this.discovery).build())
			.run((context) -> {
				assertThat(context).hasSingleBean(HttpBackend.class).hasBean("own");
				assertThat(context.getBean(HttpBackend.class).running()).isTrue();
			});
	}

	@ParameterizedTest
	@CsvSource({ "probe.interval,0s", "probe.timeout,-1s", "probe.path,health", "probe.lowest-status,99",
			"probe.highest-status,600", "await-ready,-1s", "consistent-hash,maglev", "ejection.base-time,0s",
			"ejection.maximum-time,1s", "ejection.maximum-percent,51" })
	void aValueOutOfItsRangeStopsTheStartWithItsProperty(String property, String value) {
		this.contextRunner.withPropertyValues("backend.http." + property + "=" + value)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll("backend.http." + property,
					"Expected: "));
	}

	private DiscoveredInstance http(String id) {
		return scheme(id, "http");
	}

	private DiscoveredInstance scheme(String id, String scheme) {
		return new DiscoveredInstance("pay", id, scheme, "127.0.0.1", this.server.getAddress().getPort(), List.of(),
				Map.of());
	}

	/** Remembers the events as short lines. */
	private record EventRecorder(List<String> events) implements ApplicationListener<BackendServiceEvent> {

		@Override
		public void onApplicationEvent(BackendServiceEvent event) {
			this.events.add(event.getClass().getSimpleName() + " " + event.getConfig().id());
		}

	}

}
