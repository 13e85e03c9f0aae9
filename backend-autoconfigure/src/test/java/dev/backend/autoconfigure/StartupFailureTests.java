package dev.backend.autoconfigure;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;

import dev.backend.autoconfigure.discovery.ConsulDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendRequestFactories;
import dev.backend.autoconfigure.http.InstanceRestClients;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import dev.backend.test.SlowTest;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.aop.framework.autoproxy.DefaultAdvisorAutoProxyCreator;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.DefaultResourceLoader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What a user reads when the application does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
@SlowTest
class StartupFailureTests {

	@Test
	void missingCodec(CapturedOutput output) {
		fail(LineClient.class);
		assertThat(output).contains("APPLICATION FAILED TO START",
				"Parameter 0 of constructor in " + LineClient.class.getName() + " needs a TcpBackend<"
						+ Line.class.getName() + ">, but there is no MessageCodec bean.",
				"Declare a bean of type MessageCodec<YourMessage>");
	}

	@Test
	void missingCodecOfAConfiguredBackend(CapturedOutput output) {
		fail(Empty.class, "--backend.tcp.removal=drain");
		assertThat(output).contains("Properties below backend.tcp are set: [removal], but there is no MessageCodec",
				"Action:");
	}

	@Test
	void disabledBackend(CapturedOutput output) {
		fail(LineClient.class, "--backend.tcp.enabled=false");
		assertThat(output).contains("but backend.tcp.enabled is false", "Remove that property.");
	}

	@Test
	void wrongTypeArgument(CapturedOutput output) {
		fail(TextClient.class, "--spring.main.banner-mode=off");
		assertThat(output).contains("needs a TcpBackend<java.lang.String>, but the application has TcpBackend<"
				+ Line.class.getName() + "> (bean 'tcpBackend').", "Inject it with the type argument that it has.");
	}

	@Test
	void disabledHttpBackendOfAClient(CapturedOutput output) {
		fail(RestClients.class);
		assertThat(output).contains("needs a HttpBackendRequestFactories, but backend.http.enabled is not true.");
	}

	@Test
	void disabledHttpBackendOfTheClientsOfInstances(CapturedOutput output) {
		fail(ClientsOfInstances.class);
		assertThat(output).contains("needs a InstanceRestClients, but backend.http.enabled is not true.");
	}

	@Test
	void disabledHttpBackend(CapturedOutput output) {
		fail(HttpClients.class);
		assertThat(output).contains(
				"Parameter 0 of constructor in " + HttpClients.class.getName()
						+ " needs a HttpBackend, but backend.http.enabled is not true.",
				"Set backend.http.enabled to true.");
	}

	@Test
	void noQualifierOfAFleet(CapturedOutput output) {
		fail(FleetClient.class, "--backend.tcp.fleets.game.services=game", "--backend.tcp.fleets.chat.services=chat");
		assertThat(output).contains("(bean 'chatTcpBackend')", "(bean 'gameTcpBackend')",
				"Say which one by the name of its bean or by a qualifier.");
	}

	@Test
	void noQualifierOfAnHttpFleet(CapturedOutput output) {
		fail(HttpClients.class, "--backend.http.fleets.pay.services=pay", "--backend.http.fleets.shop.services=shop",
				"--backend.http.enabled=true");
		assertThat(output).contains("required a single bean, but 2 were found", "payHttpBackend", "shopHttpBackend",
				"@Qualifier");
	}

	@Test
	void httpFleetsThatAreNotEnabled(CapturedOutput output) {
		fail(HttpClients.class, "--backend.http.fleets.pay.services=pay");
		assertThat(output).contains("needs a HttpBackend, but backend.http.enabled is not true.");
	}

	@Test
	void anAspectThatMatchesClassesOfTheLibrary(CapturedOutput output) {
		fail(Aspect.class);
		assertThat(output).contains(
				"An aspect matches " + TcpBackend.class.getName() + ", of which Spring can make no proxy: it is final.",
				"Limit the pointcut");
	}

	@Test
	void twoCodecsAndNoChoice(CapturedOutput output) {
		fail(TwoCodecs.class);
		assertThat(output).contains("A TcpBackend needs one MessageCodec, but there are 2: [codec, another].",
				"If one is enough, mark it @Primary or name it by backend.tcp.codec.",
				"one: { services: [name, name-*], codec: codec }", "other: { services: other-name, codec: another }");
	}

	@Test
	void namedCodecThatIsNotThere(CapturedOutput output) {
		fail(TwoCodecs.class, "--backend.tcp.codec=third");
		assertThat(output).contains("backend.tcp.codec is 'third', but there is no MessageCodec bean of that name.",
				"Name one of [codec, another].");
	}

	@ParameterizedTest
	@CsvSource({
			"redis,org.springframework.data.redis,no Redis client is on the class path,spring-boot-starter-data-redis",
			"consul,org.springframework.cloud.consul,Spring Cloud Consul is not on the class path,spring-cloud-starter-consul-discovery" })
	void noRegistryClientOnTheClassPath(String source, String hidden, String reason, String dependency,
			CapturedOutput output) {
		SpringApplicationBuilder application = new SpringApplicationBuilder(WithoutRegistryClient.class)
			.resourceLoader(new DefaultResourceLoader(new FilteredClassLoader(hidden)))
			.web(WebApplicationType.NONE);
		assertThatException().isThrownBy(
				() -> application.run("--backend.discovery.sources=" + source, "--backend.discovery.redis.key=k")
					.close());
		assertThat(output).contains("A backend has nowhere to discover its instances: backend.discovery.sources has '"
				+ source + "', but " + reason + ".", "Add the dependency", dependency);
	}

	@ParameterizedTest
	@CsvSource({ "tcp.liveness.heartbeat-timeout,2s,'more than backend.tcp.liveness.heartbeat-interval, 3s'",
			"tcp.connect.backoff-max,50ms,'at least backend.tcp.connect.backoff-initial, 100ms'",
			"http.probe.lowest-status,300,'100 to backend.http.probe.highest-status, 299'",
			"http.ejection.maximum-time,10s,'at least backend.http.ejection.base-time, 30s'" })
	void propertiesThatContradict(String property, String value, String expectation, CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.http.enabled=true", "--backend." + property + "=" + value);
		assertThat(output).contains(
				"Invalid value '" + value + "' for configuration property 'backend." + property + "'",
				"Expected: " + expectation + ".", "Action:");
	}

	@Test
	void heartbeatThatIsNoShorterThanTheExpiry(CapturedOutput output) {
		fail(CodecOnly.class, "--backend.discovery.redis.key=games", "--backend.discovery.redis.heartbeat=9s");
		assertThat(output).contains("Invalid value '9s' for configuration property 'backend.discovery.redis.heartbeat'",
				"Expected: less than backend.discovery.redis.expiry, 8s.");
	}

	@Test
	void unreadableSslBundleOfTheProbes(CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.http.enabled=true", "--backend.http.ssl.bundle=pay",
				"--spring.ssl.bundle.pem.pay.truststore.certificate=file:/no/such/ca.crt");
		assertThat(output).contains("The SSL bundle 'pay' of backend.http.ssl.bundle cannot be used:",
				"/no/such/ca.crt", "Correct the keys, certificates and options of the bundle below spring.ssl.bundle.");
	}

	@Test
	void unknownDiscoveryType(CapturedOutput output) {
		fail(Empty.class, "--backend.discovery.sources=etcd");
		assertThat(output).contains("Invalid value 'etcd' for configuration property 'backend.discovery.sources'",
				"consul, custom, dns, redis, spring-cloud, static");
	}

	@Test
	void missingRegistryKey(CapturedOutput output) {
		fail(CodecOnly.class);
		assertThat(output).contains(
				"A backend has nowhere to discover its instances: "
						+ "backend.discovery.redis.key is not set (expected: the registry key of the fleet).",
				"Action:");
	}

	@Test
	void valueOutOfRange(CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.tcp.tick-interval=-1s");
		assertThat(output).contains("Invalid value '-1s' for configuration property 'backend.tcp.tick-interval'",
				"Expected: >= 0.");
	}

	@Test
	void valueOutOfRangeByValidation(CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.tcp.limits.pending-requests=0");
		assertThat(output).contains("Property: backend.tcp.limits.pendingRequests", "Value: \"0\"",
				"Reason: must be greater than 0");
	}

	@Test
	void malformedValue(CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.tcp.connect.timeout=soon");
		assertThat(output).contains("Property: backend.tcp.connect.timeout", "Value: \"soon\"");
	}

	@Test
	void unknownEnumValue(CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.tcp.removal=later");
		assertThat(output).contains("Property: backend.tcp.removal", "Value: \"later\"", "DRAIN", "IMMEDIATE",
				"ON_DISCONNECT");
	}

	@Test
	void unknownSslBundle(CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.tcp.ssl.bundle=game",
				"--spring.ssl.bundle.pem.other.options.ciphers=");
		assertThat(output).contains("backend.tcp.ssl.bundle is 'game', but there is no SSL bundle of that name.",
				"Define it below spring.ssl.bundle, or name one of [other].");
	}

	@Test
	void unreadableSslBundle(CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.tcp.ssl.bundle=game",
				"--spring.ssl.bundle.pem.game.truststore.certificate=file:/no/such/ca.crt");
		assertThat(output).contains("The SSL bundle 'game' of backend.tcp.ssl.bundle cannot be used:",
				"/no/such/ca.crt", "Correct the keys, certificates and options of the bundle below spring.ssl.bundle.");
	}

	@Test
	void sslBundleWithTheWrongPassword(CapturedOutput output, @TempDir Path directory) throws Exception {
		Path store = directory.resolve("trust.p12");
		KeyStore keyStore = KeyStore.getInstance("PKCS12");
		keyStore.load(null, null);
		try (OutputStream out = Files.newOutputStream(store)) {
			keyStore.store(out, "right".toCharArray());
		}
		fail(CodecAndDiscovery.class, "--backend.tcp.ssl.bundle=game",
				"--spring.ssl.bundle.jks.game.truststore.location=" + store.toUri(),
				"--spring.ssl.bundle.jks.game.truststore.password=hunter2");
		assertThat(output).contains("The SSL bundle 'game' of backend.tcp.ssl.bundle cannot be used:")
			.doesNotContain("hunter2");
	}

	@Test
	void malformedLocalAddress(CapturedOutput output) {
		fail(CodecAndDiscovery.class, "--backend.tcp.connect.local-address=10.0.0.256");
		assertThat(output).contains("Property: backend.tcp.connect.local-address", "Value: \"10.0.0.256\"");
	}

	private static void fail(Class<?> application, String... arguments) {
		assertThatException().isThrownBy(
				() -> new SpringApplicationBuilder(application).web(WebApplicationType.NONE).run(arguments).close());
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Empty {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Empty.class)
	static class LineClient {

		LineClient(TcpBackend<Line> backend) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Empty.class)
	static class CodecOnly {

		@Bean
		LineCodec codec() {
			return new LineCodec();
		}

	}

	/**
	 * Without the auto-configurations of others, which the hidden classes would break.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, RedisDiscoveryAutoConfiguration.class,
			ConsulDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class,
			TcpBackendAutoConfiguration.class })
	static class WithoutRegistryClient {

		@Bean
		LineCodec codec() {
			return new LineCodec();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(CodecAndDiscovery.class)
	static class RestClients {

		RestClients(HttpBackendRequestFactories factories) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(CodecAndDiscovery.class)
	static class ClientsOfInstances {

		ClientsOfInstances(InstanceRestClients clients) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(CodecAndDiscovery.class)
	static class HttpClients {

		HttpClients(HttpBackend backend) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(CodecAndDiscovery.class)
	static class FleetClient {

		FleetClient(TcpBackend<Line> client) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(CodecOnly.class)
	static class TwoCodecs {

		@Bean
		LineCodec another() {
			return new LineCodec();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(CodecOnly.class)
	static class CodecAndDiscovery {

		@Bean
		InMemoryDiscovery discovery() {
			return new InMemoryDiscovery();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(CodecAndDiscovery.class)
	static class Aspect {

		@Bean
		static DefaultAdvisorAutoProxyCreator proxies() {
			return new DefaultAdvisorAutoProxyCreator();
		}

		@Bean
		static DefaultPointcutAdvisor aspect() {
			MethodInterceptor advice = (call) -> call.proceed();
			return new DefaultPointcutAdvisor(new ComposablePointcut(TcpBackend.class::equals), advice);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(CodecAndDiscovery.class)
	static class TextClient {

		TextClient(TcpBackend<String> backend) {
		}

	}

}
