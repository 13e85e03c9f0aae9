package dev.backend.autoconfigure.discovery;

import java.time.Duration;

import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.dns.DnsDiscoverySettings;
import dev.backend.discovery.dns.DnsService.Records;
import dev.backend.tcp.TcpBackend;
import dev.backend.test.NameServer;
import dev.backend.test.NameServer.Answer;
import dev.backend.test.NameServer.Entry;
import dev.backend.test.SlowTest;
import io.netty.resolver.dns.DnsNameResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Backends whose instances are in DNS.
 */
@Timeout(120)
@SlowTest
class DnsDiscoveryTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final String HOST = "game.default.svc.cluster.local";

	private static final String SERVICE = "backend.discovery.dns.services[0].";

	private final NameServer nameServer = new NameServer();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, DnsDiscoveryAutoConfiguration.class,
				MergedDiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class))
		.withBean(LineCodec.class)
		.withPropertyValues("backend.discovery.sources=dns",
				"backend.discovery.dns.name-servers=127.0.0.1:" + this.nameServer.address().getPort(),
				SERVICE + "name=game", SERVICE + "host=" + HOST);

	@AfterEach
	void closeNameServer() {
		this.nameServer.close();
	}

	/** The other systems have but one address of their own. */
	@Test
	@EnabledOnOs(OS.LINUX)
	void theAddressesOfANameAreServices() {
		try (EchoServer first = EchoServer.start("game-1", "127.0.0.2", 0);
				EchoServer second = EchoServer.start("game-2", "127.0.0.3", first.port())) {
			assertThat(second.port()).isEqualTo(first.port());
			this.nameServer.addresses(HOST, 0, "127.0.0.2");
			this.contextRunner
				.withPropertyValues(SERVICE + "port=" + first.port(), "backend.discovery.allowed-addresses=127.0.0.0/8")
				.run((context) -> {
					TcpBackend<Line> backend = backend(context);
					assertThat(backend.awaitReady(LONG)).isTrue();
					assertThat(request(backend, "game-127-0-0-2")).isEqualTo("game-1:hello");
					this.nameServer.addresses(HOST, 0, "127.0.0.3", "127.0.0.2");
					await().until(() -> backend.findService("game", "game-127-0-0-3") != null);
					assertThat(backend.awaitReady(LONG)).isTrue();
					assertThat(request(backend, "game-127-0-0-3")).isEqualTo("game-2:hello");
					assertThat(backend.discoveryStatus().state()).isEqualTo(State.UP);
				});
		}
	}

	@Test
	void theTargetsOfSrvRecordsAreServices() {
		try (EchoServer first = EchoServer.start("game-1"); EchoServer second = EchoServer.start("game-2")) {
			this.nameServer.answer("_game._tcp.example.org", NameServer.SRV,
					Answer.of(Entry.service("_game._tcp.example.org", 5, 10, 1, first.port(), "localhost"),
							Entry.service("_game._tcp.example.org", 5, 10, 3, second.port(), "LOCALHOST")));
			this.contextRunner.withPropertyValues(SERVICE + "host=_game._tcp.example.org", SERVICE + "records=srv")
				.run((context) -> {
					TcpBackend<Line> backend = backend(context);
					assertThat(backend.awaitReady(LONG)).isTrue();
					assertThat(request(backend, "localhost:" + first.port())).isEqualTo("game-1:hello");
					assertThat(request(backend, "localhost:" + second.port())).isEqualTo("game-2:hello");
				});
		}
	}

	@Test
	void thePropertiesBecomeSettings() {
		this.contextRunner
			.withPropertyValues("backend.tcp.enabled=false", SERVICE + "records=a-and-aaaa", SERVICE + "port=7001",
					SERVICE + "scheme=http", "backend.discovery.dns.name-servers=10.0.0.2,[::1]:5353",
					"backend.discovery.dns.maximum-interval=5s", "backend.discovery.dns.confirmation-delay=10s",
					"backend.discovery.limits.instances=7")
			.run((context) -> {
				DnsDiscoverySettings settings = context.getBean(DnsDiscoverySettings.class);
				assertThat(settings.services()).singleElement().satisfies((service) -> {
					assertThat(service.records()).isEqualTo(Records.A_AND_AAAA);
					assertThat(service.scheme()).isEqualTo("http");
				});
				assertThat(settings.nameServers()).map(Object::toString)
					.containsExactly("/10.0.0.2:53", "/[0:0:0:0:0:0:0:1]:5353");
				assertThat(settings.minimumInterval()).isEqualTo(Duration.ofSeconds(1));
				assertThat(settings.maximumInterval()).isEqualTo(Duration.ofSeconds(5));
				assertThat(settings.confirmationDelay()).isEqualTo(Duration.ofSeconds(10));
				assertThat(settings.rules().maximumInstances()).isEqualTo(7);
			});
	}

	@ParameterizedTest
	@CsvSource({ "services[0].port,", "services[0].port,0", "services[0].port,65536", "services[1].port,7001",
			"name-servers,dns.example.org", "name-servers,10.0.0.2:x", "maximum-interval,500ms",
			"confirmation-delay,20s" })
	void aValueThatCannotBeStopsTheStartWithItsProperty(String property, String value) {
		this.contextRunner
			.withPropertyValues(SERVICE + "port=7001",
					"backend.discovery.dns." + property + "=" + ((value != null) ? value : ""))
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("backend.discovery.dns." + property.replace("1].port", "1].name"), "xpected"));
	}

	@ParameterizedTest
	@CsvSource({ "host,10.0.0.5", "host,tcp://game", "scheme,a b" })
	void aServiceThatCannotBeStopsTheStart(String property, String value) {
		this.contextRunner.withPropertyValues(SERVICE + "port=7001", SERVICE + property + "=" + value)
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("backend.discovery.dns.services[0]", value, "xpected"));
	}

	@Test
	void aPortBesideSrvRecordsStopsTheStart() {
		this.contextRunner.withPropertyValues(SERVICE + "records=srv", SERVICE + "port=7001")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("SRV records have their own"));
	}

	@Test
	void whenNettysResolverIsMissingThenTheStartFailsWithWhatToAdd() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(DnsNameResolver.class))
			.withPropertyValues(SERVICE + "port=7001")
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContaining("Netty's DNS resolver is not on the class path"));
	}

	private static String request(TcpBackend<Line> backend, String id) throws Exception {
		return backend.getService("game", id).request(new Line(1, "hello"), LONG).get().text();
	}

	@SuppressWarnings("unchecked")
	private static TcpBackend<Line> backend(ApplicationContext context) {
		return (TcpBackend<Line>) context
			.getBeanProvider(ResolvableType.forClassWithGenerics(TcpBackend.class, Line.class))
			.getObject();
	}

}
