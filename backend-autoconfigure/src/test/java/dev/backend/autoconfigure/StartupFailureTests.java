package dev.backend.autoconfigure;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;

import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.tcp.TcpBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What a user reads when the application does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
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
		assertThat(output).contains("but backend.tcp.enabled is false.", "Remove that property.");
	}

	@Test
	void wrongTypeArgument(CapturedOutput output) {
		fail(TextClient.class, "--spring.main.banner-mode=off");
		assertThat(output).contains("needs a TcpBackend<java.lang.String>, but the application has TcpBackend<"
				+ Line.class.getName() + "> (bean 'tcpBackend').", "Inject it with the type argument that it has.");
	}

	@Test
	void unknownDiscoveryType(CapturedOutput output) {
		fail(Empty.class, "--backend.discovery.sources=etcd");
		assertThat(output).contains("Invalid value 'etcd' for configuration property 'backend.discovery.sources'",
				"consul, custom, redis, spring-cloud, static");
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
	static class TextClient {

		TextClient(TcpBackend<String> backend) {
		}

	}

}
