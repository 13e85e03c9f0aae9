package dev.backend.autoconfigure.tcp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpState;
import dev.backend.tcp.TcpTls;
import dev.backend.test.SlowTest;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * TLS by an SSL bundle, against a real server that wants a certificate of the client.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
@SlowTest
class TcpSslTests {

	@TempDir
	Path directory;

	private X509Bundle authority;

	private EchoServer server;

	private ApplicationContextRunner runner;

	@BeforeEach
	void startServer() throws Exception {
		this.authority = authority("ours");
		X509Bundle certificate = new CertificateBuilder().ecp256()
			.subject("CN=server")
			.addSanIpAddress("127.0.0.1")
			.buildIssuedBy(this.authority);
		SslContext context = SslContextBuilder
			.forServer(certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
			.trustManager(this.authority.getCertificate())
			.clientAuth(ClientAuth.REQUIRE)
			.protocols("TLSv1.2")
			.build();
		this.server = EchoServer.start("one", context);
		X509Bundle client = new CertificateBuilder().ecp256().subject("CN=client").buildIssuedBy(this.authority);
		write("ca.crt", this.authority.getCertificatePEM());
		write("tls.crt", client.getCertificatePathPEM());
		write("tls.key", client.getPrivateKeyPEM());
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, DiscoveryAutoConfiguration.class,
					TcpBackendAutoConfiguration.class))
			.withBean(ServiceDiscovery.class, () -> new InMemoryDiscovery(this.server.instance()))
			.withBean(LineCodec.class)
			.withInitializer((context2) -> context2.getEnvironment().getPropertySources().addLast(documented()))
			.withPropertyValues("backend.tcp.connect.backoff-max=100ms",
					"spring.ssl.bundle.watch.file.quiet-period=20ms", file("truststore.certificate", "ca.crt"),
					file("keystore.certificate", "tls.crt"), file("keystore.private-key", "tls.key"));
	}

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	/** The application.yml of docs/lifecycle.md. */
	private static PropertySource<?> documented() {
		try {
			return new YamlPropertySourceLoader()
				.load("documented", new ClassPathResource("dev/backend/autoconfigure/readme/application-tls.yml"))
				.get(0);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static X509Bundle authority(String name) throws Exception {
		return new CertificateBuilder().ecp256()
			.subject("CN=" + name)
			.notBefore(Instant.now().minus(Duration.ofDays(1)))
			.setIsCertificateAuthority(true)
			.setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.digitalSignature)
			.buildSelfSigned();
	}

	private void write(String name, String content) throws IOException {
		Files.writeString(this.directory.resolve(name), content);
	}

	private String file(String property, String name) {
		return "spring.ssl.bundle.pem.game.%s=%s".formatted(property, this.directory.resolve(name).toUri());
	}

	private static TcpService<?> service(TcpBackend<?> backend) {
		await().until(() -> backend.findService("game", "one") != null);
		return backend.getService("game", "one");
	}

	private static TcpService<?> service(ApplicationContext context) {
		return service(context.getBean(TcpBackend.class));
	}

	@SuppressWarnings("unchecked")
	private static void assertAnswers(TcpBackend<?> backend) {
		TcpService<?> service = service(backend);
		await().until(() -> service.state() == TcpState.READY);
		assertThat(((TcpBackend<Line>) backend).request("game", "one", new Line(1, "hello"), Duration.ofSeconds(10))
			.join()
			.text()).isEqualTo("one:hello");
	}

	private static void awaitRefused(TcpService<?> service, String reason) {
		await().untilAsserted(() -> assertThat(service.lastFailure()).hasMessageContaining(reason));
		assertThat(service.state().connected()).isFalse();
	}

	@Test
	void whenABundleIsNamedThenTheBackendAndEveryFurtherOneUseIt() {
		this.runner.run((context) -> {
			assertAnswers(context.getBean(TcpBackend.class));
			try (TcpBackend<Line> second = context.getBean(TcpBackend.Builder.class)
				.name("second")
				.build(new LineCodec(), new TcpHandler<>() {
				})) {
				second.start();
				assertAnswers(second);
			}
		});
	}

	@Test
	void whenAFileOfTheBundleChangesThenTheNextConnectionUsesIt() throws Exception {
		write("ca.crt", authority("other").getCertificatePEM());
		this.runner.run((context) -> {
			awaitRefused(service(context), "unable to find valid certification path");
			assertThat(this.server.connections()).isZero();
			write("ca.crt", this.authority.getCertificatePEM());
			assertAnswers(context.getBean(TcpBackend.class));
		});
	}

	@Test
	void whenTheBundleIsReplacedByOneThatCannotBeUsedThenTheOldOneStays(CapturedOutput output) {
		this.runner.run((context) -> {
			assertAnswers(context.getBean(TcpBackend.class));
			SslStoreBundle broken = new PemSslStoreBundle(null,
					PemSslStoreDetails.forCertificate(this.directory.resolve("missing.crt").toUri().toString()));
			context.getBean(SslBundleRegistry.class).updateBundle("game", SslBundle.of(broken));
			assertThat(output).contains("The SSL bundle 'game' has changed, but cannot be used");
			this.server.disconnectAll();
			await().until(() -> output.getOut().contains("Disconnected from game/one"));
			assertAnswers(context.getBean(TcpBackend.class));
		});
	}

	@Test
	void whenSslIsNotEnabledThenTheBundleIsNotUsed() {
		try (EchoServer plain = EchoServer.start("one")) {
			ApplicationContextRunner runner = this.runner.withBean("plain", ServiceDiscovery.class,
					() -> new InMemoryDiscovery(plain.instance()), (definition) -> definition.setPrimary(true));
			runner.withPropertyValues("backend.tcp.ssl.enabled=false")
				.run((context) -> assertAnswers(context.getBean(TcpBackend.class)));
			runner.withPropertyValues("backend.tcp.ssl.bundle=")
				.run((context) -> assertAnswers(context.getBean(TcpBackend.class)));
		}
	}

	@Test
	void whenSslIsEnabledWithoutABundleThenTheTrustOfTheSystemIsUsed() {
		this.runner.withPropertyValues("backend.tcp.ssl.enabled=true", "backend.tcp.ssl.bundle=")
			.run((context) -> awaitRefused(service(context), "unable to find valid certification path"));
	}

	@Test
	void whenAServerNameIsSetThenTheCertificateMustHaveIt() {
		this.runner.withPropertyValues("backend.tcp.ssl.server-name=game.example")
			.run((context) -> awaitRefused(service(context), "game.example"));
		this.runner
			.withPropertyValues("backend.tcp.ssl.server-name=game.example", "backend.tcp.ssl.verify-hostname=false")
			.run((context) -> assertAnswers(context.getBean(TcpBackend.class)));
	}

	@Test
	void whenTheApplicationHasItsOwnTlsThenTheBundleIsNotUsed() {
		TcpTls own = TcpTls.of(() -> {
			throw new IllegalStateException("own");
		});
		this.runner.withBean(TcpTls.class, () -> own).run((context) -> awaitRefused(service(context), "own"));
	}

	@Test
	void whenTheServerSpeaksNoTlsThenTheFailureSaysSo() {
		try (EchoServer plain = EchoServer.start("one")) {
			this.runner
				.withBean("plain", ServiceDiscovery.class, () -> new InMemoryDiscovery(plain.instance()),
						(definition) -> definition.setPrimary(true))
				.run((context) -> awaitRefused(service(context), "speak TLS"));
		}
	}

}
