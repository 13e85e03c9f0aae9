package dev.backend.autoconfigure.metrics;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpServer;
import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.tcp.TcpBackend;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The meters of the services, and what the documentation says of them.
 */
@Timeout(120)
class MetricsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Path PAGE = Path.of("../docs/metrics.md");

	private static final Path DASHBOARD = Path.of("../docs/grafana.json");

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner plainRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				HttpBackendAutoConfiguration.class, BackendMetricsAutoConfiguration.class))
		.withPropertyValues("backend.tcp.removal=immediate", "backend.tcp.await-ready=20s")
		.withBean(LineCodec.class);

	private final ApplicationContextRunner contextRunner = this.plainRunner.withBean(InMemoryDiscovery.class,
			() -> this.discovery);

	@Test
	void thePageAndTheDashboardNameWhatIsRegistered() throws IOException {
		HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		http.start();
		try (EchoServer server = EchoServer.start("game-1")) {
			this.discovery.push(server.instance(), new DiscoveredInstance("pay", "pay-1", "http", "127.0.0.1",
					http.getAddress().getPort(), List.of(), Map.of()));
			this.contextRunner
				.withPropertyValues("backend.http.enabled=true", "backend.http.await-ready=20s",
						"backend.metrics.per-instance=true")
				.run((context) -> {
					PrometheusMeterRegistry meters = prometheus();
					bind(context, meters);
					await().atMost(LONG)
						.until(() -> meters.find("backend.instance.ready").tag("instance", "pay-1").meter() != null
								&& meters.find("backend.instance.ready").tag("instance", "game-1").meter() != null);
					assertThat(rows()).containsExactlyElementsOf(expectedRows(meters));
					assertThat(namesInTheDashboard()).isNotEmpty().isSubsetOf(seriesNames(meters));
				});
		}
		finally {
			http.stop(0);
		}
	}

	@Test
	void whenRequestsEndThenTheyAreTimedByServiceAndOutcome() {
		try (EchoServer server = EchoServer.start("game-1")) {
			this.discovery.push(server.instance());
			this.contextRunner.run((context) -> {
				MeterRegistry meters = new SimpleMeterRegistry();
				bind(context, meters);
				await().atMost(LONG).until(() -> meters.find("backend.tcp.requests").meter() != null);
				TcpBackend<Line> backend = backend(context);
				backend.request("game", Route.any(), new Line(1, "a"), LONG).join();
				backend.request("game", Route.any(), new Line(2, "b"), LONG).join();
				assertThat(requests(meters, "reply").count()).isEqualTo(2);
				assertThat(requests(meters, "reply").totalTime(TimeUnit.NANOSECONDS)).isPositive();
				assertThat(requests(meters, "timeout").count()).isZero();
				assertThat(meters.get("backend.tcp.connections").tag("state", "ready").gauge().value()).isEqualTo(1);
				assertThat(meters.get("backend.tcp.connections").tag("state", "backoff").gauge().value()).isZero();
				assertThat(meters.get("backend.tcp.messages").tag("direction", "sent").functionCounter().count())
					.isEqualTo(2);
				assertThat(meters.get("backend.rings.members").gauge().value()).isEqualTo(1);
				assertThat(meters.get("backend.rings.rebuilds").functionCounter().count()).isEqualTo(1);
				assertThat(meters.find("backend.instance.ready").meters()).isEmpty();
				server.disconnectAll();
				await().atMost(LONG).until(() -> meters.get("backend.tcp.reconnects").functionCounter().count() == 1);
			});
		}
	}

	@Test
	void whenTheLastInstanceIsGoneThenSoAreItsMetersUntilItIsBack() {
		try (EchoServer server = EchoServer.start("game-1")) {
			this.discovery.push(server.instance());
			this.contextRunner.withPropertyValues("backend.metrics.per-instance=true").run((context) -> {
				MeterRegistry meters = new SimpleMeterRegistry();
				bind(context, meters);
				await().atMost(LONG).until(() -> meters.find("backend.instance.ready").meter() != null);
				this.discovery.push();
				await().atMost(LONG).until(() -> services(meters).isEmpty());
				this.discovery.push(server.instance());
				await().atMost(LONG)
					.until(() -> meters.find("backend.tcp.dials").tag("outcome", "success").meter() != null);
				await().atMost(LONG)
					.until(() -> meters.get("backend.tcp.dials")
						.tag("outcome", "success")
						.functionCounter()
						.count() == 2);
				backend(context).awaitReady(LONG);
				backend(context).request("game", Route.any(), new Line(1, "a"), LONG).join();
				assertThat(requests(meters, "reply").count()).isEqualTo(1);
				backend(context).close();
				assertThat(services(meters)).containsExactly("game");
			});
		}
	}

	@Test
	void whenAServiceIsSuspendedThenItIsCountedByThatState() {
		try (EchoServer server = EchoServer.start("game-1")) {
			this.discovery.push(server.instance());
			this.contextRunner.run((context) -> {
				MeterRegistry meters = new SimpleMeterRegistry();
				bind(context, meters);
				await().atMost(LONG).until(() -> meters.find("backend.tcp.connections").meter() != null);
				assertThat(meters.get("backend.tcp.connections").tag("state", "suspended").gauge().value()).isZero();
				backend(context).suspend("game", "game-1").join();
				assertThat(meters.get("backend.tcp.connections").tag("state", "suspended").gauge().value()).isOne();
				assertThat(meters.get("backend.tcp.connections").tag("state", "ready").gauge().value()).isZero();
			});
		}
	}

	@Test
	void whenThereAreMoreServiceNamesThanAllowedThenTheOthersHaveNoMeters() {
		this.discovery.push(IntStream.range(0, 50)
			.mapToObj((i) -> new DiscoveredInstance("game" + i, "game-1", "tcp", "127.0.0.1", 1, List.of(), Map.of()))
			.toArray(DiscoveredInstance[]::new));
		this.contextRunner.withPropertyValues("backend.metrics.maximum-services=20", "backend.tcp.await-ready=0s")
			.run((context) -> {
				MeterRegistry meters = new SimpleMeterRegistry();
				bind(context, meters);
				await().atMost(LONG).until(() -> services(meters).size() == 20);
				assertThat(backend(context).groups()).hasSize(50);
			});
	}

	@Test
	void whenRedisIsReadThenReadsAreCountedByOutcome() {
		RedisServer redis = RedisServer.started();
		try {
			this.plainRunner
				.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class,
						RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
				.withPropertyValues("spring.data.redis.port=" + redis.port(), "backend.discovery.redis.key=games",
						"backend.tcp.await-ready=0s")
				.run((context) -> {
					MeterRegistry meters = new SimpleMeterRegistry();
					bind(context, meters);
					await().atMost(LONG).until(() -> reads(meters, "success") > 0);
					await().atMost(LONG).until(() -> meters.get("backend.discovery.up").gauge().value() == 1);
					redis.close();
					await().atMost(LONG).until(() -> reads(meters, "failure") > 0);
					await().atMost(LONG).until(() -> meters.get("backend.discovery.up").gauge().value() == 0);
				});
		}
		finally {
			redis.close();
		}
	}

	@SuppressWarnings("unchecked")
	private static TcpBackend<Line> backend(ApplicationContext context) {
		return context.getBean("tcpBackend", TcpBackend.class);
	}

	private static void bind(ApplicationContext context, MeterRegistry meters) {
		context.getBeanProvider(MeterBinder.class).forEach((binder) -> binder.bindTo(meters));
	}

	private static Timer requests(MeterRegistry meters, String outcome) {
		return meters.get("backend.tcp.requests")
			.tags("backend", "tcpBackend", "service", "game", "outcome", outcome)
			.timer();
	}

	private static double reads(MeterRegistry meters, String outcome) {
		return meters.get("backend.discovery.reads").tag("outcome", outcome).functionCounter().count();
	}

	private static Set<String> services(MeterRegistry meters) {
		return meters.getMeters()
			.stream()
			.map((meter) -> meter.getId().getTag("service"))
			.filter(Objects::nonNull)
			.collect(Collectors.toSet());
	}

	/** With buckets, as the property makes them that the dashboard asks for. */
	private static PrometheusMeterRegistry prometheus() {
		PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
		meters.config().meterFilter(new MeterFilter() {
			@Override
			public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
				return DistributionStatisticConfig.builder().percentilesHistogram(true).build().merge(config);
			}
		});
		return meters;
	}

	private static List<String> rows() throws IOException {
		return Files.readAllLines(PAGE)
			.stream()
			.takeWhile((line) -> !line.startsWith("## "))
			.filter((line) -> line.startsWith("| `"))
			.toList();
	}

	private static List<String> expectedRows(MeterRegistry meters) {
		return meters.getMeters().stream().map(Meter::getId).map(MetricsTests::row).distinct().sorted().toList();
	}

	private static String row(Meter.Id id) {
		String tags = id.getTags()
			.stream()
			.map(Tag::getKey)
			.filter((key) -> !key.equals("backend"))
			.sorted()
			.map((key) -> "`" + key + "`")
			.collect(Collectors.joining(", "));
		return "| `%s` | %s | %s | %s |".formatted(id.getName(), id.getType().name().toLowerCase(Locale.ROOT), tags,
				id.getDescription());
	}

	private static Set<String> seriesNames(PrometheusMeterRegistry meters) {
		return meters.scrape()
			.lines()
			.filter((line) -> !line.startsWith("#"))
			.map((line) -> line.split("[{ ]", 2)[0])
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static Set<String> namesInTheDashboard() {
		JsonNode dashboard = JsonMapper.shared().readTree(DASHBOARD.toFile());
		Pattern name = Pattern.compile("\\bbackend_[a-z_]+\\b");
		return Stream.of("/panels", "/templating/list")
			.flatMap((part) -> dashboard.at(part).valueStream())
			.flatMap((node) -> Stream.concat(node.at("/targets").valueStream().map((target) -> target.at("/expr")),
					Stream.of(node.at("/definition"))))
			.flatMap((query) -> name.matcher(query.asString("")).results())
			.map((match) -> match.group())
			.collect(Collectors.toCollection(TreeSet::new));
	}

}
