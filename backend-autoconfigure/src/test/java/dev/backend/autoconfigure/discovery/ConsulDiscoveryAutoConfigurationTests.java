package dev.backend.autoconfigure.discovery;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.health.BackendRegistryHealthContributorAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.support.ConsulServer;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.KeyPairs;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.support.SnapshotRecorder;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.consul.ConsulDiscoverySettings;
import dev.backend.discovery.consul.ConsulServiceDiscovery;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import dev.backend.tcp.TcpBackend;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.http.client.HttpClient;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.commons.util.UtilAutoConfiguration;
import org.springframework.cloud.consul.ConsulAutoConfiguration;
import org.springframework.cloud.consul.ConsulProperties;
import org.springframework.cloud.consul.discovery.ConsulDiscoveryClientConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

@ExtendWith(OutputCaptureExtension.class)
@SlowTest
class ConsulDiscoveryAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ConsulAutoConfiguration.class, DiscoveryAutoConfiguration.class,
				ConsulDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
		.withPropertyValues("backend.discovery.sources=consul");

	@Test
	void whenConsulIsASourceThenItIsTheDiscovery() {
		this.contextRunner.run((context) -> {
			assertThat(context).hasSingleBean(ConsulServiceDiscovery.class);
			assertThat(context.getBean(DiscoveryResolver.class).resolve())
				.isSameAs(context.getBean(ConsulServiceDiscovery.class));
		});
	}

	@Test
	void theClientOfSpringCloudConsulSaysTheTagsToo() {
		try (ConsulServer consul = ConsulServer.started()) {
			consul.register("game", "g-1", 7001, "eu", "vip");
			this.contextRunner
				.withConfiguration(AutoConfigurations.of(UtilAutoConfiguration.class,
						ConsulDiscoveryClientConfiguration.class, SpringCloudDiscoveryAutoConfiguration.class))
				.withPropertyValues(consul.properties())
				.withPropertyValues("backend.discovery.sources=spring-cloud",
						"spring.cloud.consul.discovery.enabled=true")
				.run((context) -> {
					SnapshotRecorder recorder = new SnapshotRecorder();
					context.getBean(ServiceDiscovery.class).subscribe(recorder);
					await().until(() -> recorder.ids().contains("g-1"));
					assertThat(recorder.latest().instances()).filteredOn((instance) -> instance.id().equals("g-1"))
						.singleElement()
						.returns(List.of("eu", "vip"), DiscoveredInstance::tags)
						.returns("tcp", DiscoveredInstance::scheme);
				});
		}
	}

	@Test
	void healthHasTheRegistry() {
		this.contextRunner
			.withConfiguration(AutoConfigurations.of(BackendRegistryHealthContributorAutoConfiguration.class))
			.run((context) -> assertThat(context).hasBean("backendRegistryHealthContributor"));
	}

	@Test
	void whenAnotherIsTheSourceThenConsulIsLeftAlone() {
		this.contextRunner.withPropertyValues("backend.discovery.sources=redis")
			.run((context) -> assertThat(context).doesNotHaveBean(ConsulServiceDiscovery.class)
				.doesNotHaveBean(ConsulDiscoverySettings.class));
	}

	@Test
	void customizersChangeTheSettingsInTheirOrderAfterTheProperties() {
		this.contextRunner.withPropertyValues("backend.discovery.consul.tag=live")
			.withUserConfiguration(OrderedCustomizers.class)
			.run((context) -> assertThat(context.getBean(ConsulDiscoverySettings.class).tag()).isEqualTo("last"));
	}

	@Test
	void propertiesReachTheSettings() {
		this.contextRunner
			.withPropertyValues("spring.cloud.consul.host=127.0.0.9", "spring.cloud.consul.port=8555",
					"spring.cloud.consul.scheme=https", "spring.cloud.consul.path=/agent/",
					"spring.cloud.consul.discovery.acl-token=t-1", "backend.discovery.consul.services=a,b",
					"backend.discovery.consul.tag=eu", "backend.discovery.consul.wait-time=20s",
					"backend.discovery.consul.response-timeout=3s", "backend.discovery.consul.confirmation-delay=4s",
					"backend.discovery.consul.maximum-long-polls=5", "backend.discovery.consul.maximum-services=6",
					"backend.discovery.limits.instances=7")
			.run((context) -> {
				ConsulDiscoverySettings settings = context.getBean(ConsulDiscoverySettings.class);
				assertThat(settings.access().agent()).hasToString("https://127.0.0.9:8555/agent");
				assertThat(settings.access().token()).isEqualTo("t-1");
				assertThat(settings.serviceNames()).containsExactlyInAnyOrder("a", "b");
				assertThat(settings.tag()).isEqualTo("eu");
				assertThat(settings.timings().waitTime()).isEqualTo(Duration.ofSeconds(20));
				assertThat(settings.timings().responseTimeout()).isEqualTo(Duration.ofSeconds(3));
				assertThat(settings.timings().confirmationDelay()).isEqualTo(Duration.ofSeconds(4));
				assertThat(settings.limits().longPolls()).isEqualTo(5);
				assertThat(settings.limits().services()).isEqualTo(6);
				assertThat(settings.rules().maximumInstances()).isEqualTo(7);
			});
	}

	@Test
	void defaultsAreThoseOfTheEngine() {
		this.contextRunner.run((context) -> {
			ConsulDiscoverySettings settings = context.getBean(ConsulDiscoverySettings.class);
			assertThat(settings).usingRecursiveComparison()
				.isEqualTo(ConsulDiscoverySettings.defaults(settings.access().agent()));
			assertThat(settings.access().agent()).hasToString("http://localhost:8500");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.cloud.consul.token", "consul.token", "CONSUL_TOKEN" })
	void theTokenIsFoundWhereSpringCloudConsulFindsIt(String property) {
		this.contextRunner.withPropertyValues(property + "=t-2")
			.run((context) -> assertThat(context.getBean(ConsulDiscoverySettings.class).access().token())
				.isEqualTo("t-2"));
	}

	@ParameterizedTest
	@CsvSource({ "wait-time,0s", "wait-time,11m", "response-timeout,0s", "confirmation-delay,2d",
			"maximum-long-polls,0", "maximum-services,10001", "services,' , '" })
	void whenAValueIsOutOfItsRangeThenStartFailsWithPropertyAndValue(String property, String value) {
		this.contextRunner.withPropertyValues("backend.discovery.consul." + property + "=" + value)
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("backend.discovery.consul." + property, "Expected: "));
	}

	@Test
	void whenTheHostIsNoHostThenStartFailsWithoutWhatMayBeSecret() {
		this.contextRunner.withPropertyValues("spring.cloud.consul.host=user:secret@127.0.0.1")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("spring.cloud.consul.host")
				.message()
				.doesNotContain("secret"));
	}

	@Test
	void whenTheApplicationHasADiscoveryOrSettingsThenTheAutoConfigurationBacksOff() {
		this.contextRunner.withBean(InMemoryDiscovery.class)
			.run((context) -> assertThat(context).hasSingleBean(ServiceDiscovery.class)
				.doesNotHaveBean(ConsulServiceDiscovery.class));
		this.contextRunner
			.withBean("own", ConsulDiscoverySettings.class,
					() -> ConsulDiscoverySettings.defaults(URI.create("http://127.0.0.7:1")))
			.run((context) -> {
				assertThat(context).hasSingleBean(ConsulDiscoverySettings.class);
				assertThat(context.getBean(ConsulServiceDiscovery.class).status().source()).contains("127.0.0.7");
			});
	}

	@Test
	void whenSomethingIsMissingThenItIsAskedFor() {
		assertMissing(ConsulProperties.class, "Spring Cloud Consul is not on the class path",
				"org.springframework.cloud:spring-cloud-starter-consul-discovery",
				"org.springframework.cloud:spring-cloud-dependencies",
				"org.springframework.boot:spring-boot-starter-jackson");
		assertMissing(JsonMapper.class, "Jackson is not on the class path", "spring-boot-starter-jackson");
		assertMissing(HttpClient.class, "reactor-netty's HTTP client is not on the class path",
				"io.projectreactor.netty:reactor-netty-http");
	}

	@Test
	void whenSpringCloudConsulIsSwitchedOffThenTheFailureSaysSo() {
		this.contextRunner.withPropertyValues("spring.cloud.consul.enabled=false")
			.run((context) -> assertUnresolved(context, "no ConsulProperties bean", "spring.cloud.consul.enabled"));
	}

	@Test
	@Tag("gobase:NewTcpBackendWithConsul")
	void theAgentAndTheTagMakeABackendWithTheServicesInConsul() {
		try (ConsulServer consul = ConsulServer.started(); EchoServer server = EchoServer.start("game-1")) {
			consul.register("game", "game-1", server.port(), "eu");
			consul.register("game", "game-2", server.port(), "us");
			consul.register("chat", "chat-1", server.port(), "eu");
			this.contextRunner
				.withConfiguration(
						AutoConfigurations.of(BackendEventAutoConfiguration.class, TcpBackendAutoConfiguration.class))
				.withBean(LineCodec.class)
				.withPropertyValues(consul.properties())
				.withPropertyValues("backend.discovery.consul.tag=eu")
				.run((context) -> {
					TcpBackend<?> backend = context.getBean(TcpBackend.class);
					await().until(() -> backend.services().size() == 2);
					assertThat(backend.groups()).containsOnlyKeys("game", "chat");
					assertThat(backend.findService("game", "game-2")).isNull();
					await().until(() -> backend.getService("game", "game-1").availability() == Availability.READY);
					consul.register("game", "game-3", server.port(), "eu");
					await().until(() -> backend.findService("game", "game-3") != null);
				});
		}
	}

	@Test
	@Tag("gobase:NewHttpBackendWithConsul")
	void theAgentAndTheTagMakeAHttpBackendWithTheServicesInConsul() {
		try (ConsulServer consul = ConsulServer.started(); EchoServer server = EchoServer.start("pay-1")) {
			consul.registerHttp("pay", "pay-1", server.port(), "eu");
			consul.registerHttp("pay", "pay-2", server.port(), "us");
			consul.register("game", "game-1", server.port(), "eu");
			this.contextRunner.withConfiguration(AutoConfigurations.of(HttpBackendAutoConfiguration.class))
				.withPropertyValues(consul.properties())
				.withPropertyValues("backend.discovery.consul.tag=eu", "backend.http.enabled=true")
				.run((context) -> {
					HttpBackend backend = context.getBean(HttpBackend.class);
					await().until(() -> backend.find("pay", Route.any()) != null);
					assertThat(backend.services()).extracting(HttpService::id).containsExactly("pay-1");
					consul.registerHttp("mail", "mail-1", server.port(), "eu");
					await().until(() -> backend.findService("mail", "mail-1") != null);
				});
		}
	}

	@Test
	void whenAccessIsControlledThenTheTokenOfSpringCloudConsulOpensIt(CapturedOutput output) {
		String configuration = """
				acl { enabled = true, default_policy = "deny", tokens { master = "%s" } }
				""".formatted(ConsulServer.TOKEN);
		try (ConsulServer consul = ConsulServer.started(configuration)) {
			consul.register("game", "game-1", 7001);
			ApplicationContextRunner runner = this.contextRunner.withPropertyValues(consul.properties());
			runner.withPropertyValues("spring.cloud.consul.discovery.acl-token=" + ConsulServer.TOKEN)
				.run((context) -> assertBecomes(context, State.UP, 1));
			runner.run((context) -> assertBecomes(context, State.DOWN, 0));
		}
		assertThat(output.getAll()).doesNotContain(ConsulServer.TOKEN);
	}

	@Test
	void whenTheAgentWantsTlsThenTheStoresOfSpringCloudConsulAreUsed(@TempDir Path folder, CapturedOutput output) {
		KeyPairs keys = new KeyPairs(folder);
		keys.make("server");
		keys.make("client");
		keys.make("stranger");
		String configuration = """
				ports { https = HTTPS_PORT }
				ca_file = "%s"
				cert_file = "%s"
				key_file = "%s"
				verify_incoming_https = true
				""".formatted(keys.path("client.pem"), keys.path("server.pem"), keys.path("server-key.pem"));
		try (ConsulServer consul = ConsulServer.started(configuration)) {
			consul.register("game", "game-1", 7001);
			tls(consul, keys, "server", "client").run((context) -> assertBecomes(context, State.UP, 1));
			tls(consul, keys, "stranger", "client")
				.run((context) -> assertThat(assertBecomes(context, State.DOWN, 0)).contains("TLS"));
			tls(consul, keys, "server", "stranger").run((context) -> assertBecomes(context, State.DOWN, 0));
			// The certificate names the address, but not this.
			tls(consul, keys, "server", "client").withPropertyValues("spring.cloud.consul.host=localhost")
				.run((context) -> assertThat(assertBecomes(context, State.DOWN, 0)).contains("TLS"));
		}
		assertThat(output.getAll()).doesNotContain(KeyPairs.PASSWORD);
	}

	private ApplicationContextRunner tls(ConsulServer consul, KeyPairs keys, String trusted, String own) {
		return this.contextRunner.withPropertyValues("spring.cloud.consul.host=127.0.0.1",
				"spring.cloud.consul.scheme=https", "spring.cloud.consul.port=" + consul.httpsPort(),
				"spring.cloud.consul.tls.key-store-instance-type=PKCS12",
				"spring.cloud.consul.tls.certificate-path=" + keys.path(own + ".p12"),
				"spring.cloud.consul.tls.certificate-password=" + KeyPairs.PASSWORD,
				"spring.cloud.consul.tls.key-store-path=" + keys.path(trusted + "-trust.jks"),
				"spring.cloud.consul.tls.key-store-password=" + KeyPairs.PASSWORD);
	}

	private static String assertBecomes(ApplicationContext context, State state, int instances) {
		ServiceDiscovery discovery = context.getBean(ServiceDiscovery.class);
		try (ServiceDiscovery.Subscription subscription = discovery.subscribe((snapshot) -> {
		})) {
			await().until(() -> discovery.status().state() == state);
			assertThat(discovery.status().instances()).isEqualTo(instances);
			assertThat(subscription).isNotNull();
			return String.valueOf(discovery.status().reason());
		}
	}

	private void assertMissing(Class<?> type, String... messageParts) {
		this.contextRunner.withClassLoader(new FilteredClassLoader(type))
			.run((context) -> assertUnresolved(context, messageParts));
	}

	private static void assertUnresolved(ApplicationContext context, String... messageParts) {
		assertThatExceptionOfType(BackendConfigurationException.class)
			.isThrownBy(() -> context.getBean(DiscoveryResolver.class).resolve())
			.satisfies((ex) -> assertThat(ex).hasMessageContainingAll(messageParts));
	}

	@Configuration(proxyBeanMethods = false)
	static class OrderedCustomizers {

		@Bean
		@Order(2)
		ConsulDiscoverySettingsCustomizer last() {
			return (settings) -> settings.withTag("last");
		}

		@Bean
		@Order(1)
		ConsulDiscoverySettingsCustomizer first() {
			return (settings) -> settings.withTag("first");
		}

	}

}
