package dev.backend.autoconfigure.metrics;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.tcp.TcpBackend;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The meters of several fleets, which their tag {@code backend} tells apart.
 */
@Timeout(60)
class FleetMetricsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	@Test
	void everyMeterIsThereForEachFleetAndCountsItAlone() {
		try (EchoServer server = EchoServer.start("1")) {
			new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
						TcpBackendAutoConfiguration.class, BackendMetricsAutoConfiguration.class))
				.withBean(InMemoryDiscovery.class,
						() -> new InMemoryDiscovery(at("game", "1", server), at("game", "2", server),
								at("chat", "1", server)))
				.withBean(LineCodec.class)
				.withPropertyValues("backend.tcp.fleets.game.services=game", "backend.tcp.fleets.chat.services=chat",
						"backend.tcp.await-ready=20s", "backend.metrics.per-instance=true",
						"backend.tcp.limits.total-bytes=1MB")
				.run((context) -> {
					MeterRegistry meters = new SimpleMeterRegistry();
					context.getBeanProvider(MeterBinder.class).forEach((binder) -> binder.bindTo(meters));
					await().atMost(LONG).until(() -> meters.find("backend.instance.ready").meters().size() == 3);
					request(context, "game", 3);
					request(context, "chat", 1);
					assertSameSeries(meters, "gameTcpBackend", "chatTcpBackend");
					assertThat(requests(meters, "game")).isEqualTo(3);
					assertThat(requests(meters, "chat")).isEqualTo(1);
					assertThat(gauge(meters, "backend.rings.members", "game")).isEqualTo(2);
					assertThat(gauge(meters, "backend.rings.members", "chat")).isEqualTo(1);
					assertThat(gauge(meters, "backend.discovery.seen", "game")).as("what they share").isEqualTo(3);
					assertThat(gauge(meters, "backend.discovery.seen", "chat")).isEqualTo(3);
					assertThat(meters.get("backend.discovery.left.out")
						.tags("backend", "gameTcpBackend", "reason", "not-wanted")
						.gauge()
						.value()).as("of the other fleet").isEqualTo(1);
				});
		}
	}

	@Test
	void fleetsThatAreReachedOverHttpHaveTheirMetersLikewise() {
		try (EchoServer server = EchoServer.start("1")) {
			new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
						HttpBackendAutoConfiguration.class, BackendMetricsAutoConfiguration.class))
				.withBean(InMemoryDiscovery.class,
						() -> new InMemoryDiscovery(at("http", "pay", "1", server), at("http", "shop", "1", server)))
				.withPropertyValues("backend.http.enabled=true", "backend.http.fleets.pay.services=pay",
						"backend.http.fleets.shop.services=shop", "backend.http.await-ready=20s",
						"backend.metrics.per-instance=true")
				.run((context) -> {
					MeterRegistry meters = new SimpleMeterRegistry();
					context.getBeanProvider(MeterBinder.class).forEach((binder) -> binder.bindTo(meters));
					await().atMost(LONG).until(() -> meters.find("backend.instance.ready").meters().size() == 2);
					assertSameSeries(meters, "payHttpBackend", "shopHttpBackend");
					assertThat(meters.find("backend.http.ejected").gauges()).hasSize(2);
				});
		}
	}

	private static void assertSameSeries(MeterRegistry meters, String one, String other) {
		Map<String, Set<String>> byBackend = new HashMap<>();
		for (Meter meter : meters.getMeters()) {
			byBackend.computeIfAbsent(String.valueOf(meter.getId().getTag("backend")), (name) -> new TreeSet<>())
				.add(seriesOfAnyFleet(meter.getId()));
		}
		assertThat(byBackend).containsOnlyKeys(one, other);
		assertThat(byBackend.get(one)).isEqualTo(byBackend.get(other));
	}

	/** One instance of each will do. */
	private static String seriesOfAnyFleet(Meter.Id id) {
		Tags tags = Tags.empty();
		for (Tag tag : id.getTags()) {
			if (!Set.of("backend", "service", "instance").contains(tag.getKey())) {
				tags = tags.and(tag);
			}
		}
		return id.getName() + tags;
	}

	@SuppressWarnings("unchecked")
	private static void request(ApplicationContext context, String service, int times) {
		TcpBackend<Line> backend = context.getBean(service + "TcpBackend", TcpBackend.class);
		for (int i = 1; i <= times; i++) {
			backend.request(service, Route.any(), new Line(i, "hello"), LONG).join();
		}
	}

	private static long requests(MeterRegistry meters, String fleet) {
		return meters.get("backend.tcp.requests")
			.tags("backend", fleet + "TcpBackend", "service", fleet, "outcome", "reply")
			.timer()
			.count();
	}

	private static double gauge(MeterRegistry meters, String name, String fleet) {
		return meters.get(name).tag("backend", fleet + "TcpBackend").gauge().value();
	}

	private static DiscoveredInstance at(String service, String id, EchoServer server) {
		return at("tcp", service, id, server);
	}

	private static DiscoveredInstance at(String scheme, String service, String id, EchoServer server) {
		return new DiscoveredInstance(service, id, scheme, "127.0.0.1", server.port(), List.of(), Map.of());
	}

}
