package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import dev.backend.http.HttpState;
import dev.backend.http.HttpTls;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * GET probes by an SSL bundle, of a real server that wants a certificate of the client.
 */
@Timeout(60)
class HttpSslTests {

	@TempDir
	Path directory;

	private X509Bundle authority;

	private HttpsServer server;

	private ApplicationContextRunner runner;

	@BeforeEach
	void startServer() throws Exception {
		this.authority = authority("ours");
		this.server = server(new CertificateBuilder().ecp256()
			.subject("CN=server")
			.addSanDnsName("pay.example")
			.addSanIpAddress("127.0.0.1")
			.buildIssuedBy(this.authority));
		X509Bundle client = new CertificateBuilder().ecp256().subject("CN=client").buildIssuedBy(this.authority);
		write("ca.crt", this.authority.getCertificatePEM());
		write("tls.crt", client.getCertificatePathPEM());
		write("tls.key", client.getPrivateKeyPEM());
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, DiscoveryAutoConfiguration.class,
					HttpBackendAutoConfiguration.class))
			.withBean(ServiceDiscovery.class, () -> new InMemoryDiscovery(instance("127.0.0.1")))
			.withPropertyValues("backend.http.enabled=true", "backend.http.probe.path=/",
					"backend.http.probe.interval=20ms", "backend.http.probe.timeout=20s", "backend.http.ssl.bundle=pay",
					"spring.ssl.bundle.pem.pay.reload-on-update=true", "spring.ssl.bundle.watch.file.quiet-period=20ms",
					file("truststore.certificate", "ca.crt"), file("keystore.certificate", "tls.crt"),
					file("keystore.private-key", "tls.key"));
	}

	@AfterEach
	void stopServer() {
		this.server.stop(0);
	}

	private HttpsServer server(X509Bundle certificate) throws Exception {
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(certificate.toKeyManagerFactory().getKeyManagers(),
				new TrustManager[] { this.authority.toTrustManager() }, null);
		HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.setHttpsConfigurator(new HttpsConfigurator(context) {
			@Override
			public void configure(HttpsParameters parameters) {
				SSLParameters defaults = context.getDefaultSSLParameters();
				defaults.setNeedClientAuth(true);
				parameters.setSSLParameters(defaults);
			}
		});
		server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		server.start();
		return server;
	}

	private DiscoveredInstance instance(String address) {
		return new DiscoveredInstance("pay", "pay-1", "https", address, this.server.getAddress().getPort(), List.of(),
				Map.of());
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
		return "spring.ssl.bundle.pem.pay.%s=%s".formatted(property, this.directory.resolve(name).toUri());
	}

	private static void assertUp(ApplicationContext context) {
		HttpService service = service(context);
		await().until(() -> service.state() == HttpState.UP);
	}

	private static void assertRefused(ApplicationContext context, String reason) {
		HttpService service = service(context);
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure()).hasMessageContaining(reason);
	}

	private static HttpService service(ApplicationContext context) {
		HttpBackend backend = context.getBean(HttpBackend.class);
		await().until(() -> backend.findService("pay", "pay-1") != null);
		return backend.getService("pay", "pay-1");
	}

	@Test
	void whenABundleIsNamedThenItsTrustAndItsKeyAreUsed() {
		this.runner.run(HttpSslTests::assertUp);
	}

	@Test
	void whenAFileOfTheBundleChangesThenTheNextProbeUsesIt() throws Exception {
		write("ca.crt", authority("other").getCertificatePEM());
		this.runner.run((context) -> {
			assertRefused(context, "unable to find valid certification path");
			write("ca.crt", this.authority.getCertificatePEM());
			assertUp(context);
		});
	}

	@Test
	void theNameIsVerifiedUnlessSwitchedOff() {
		ApplicationContextRunner byName = this.runner.withBean("named", ServiceDiscovery.class,
				() -> new InMemoryDiscovery(instance("localhost")), (definition) -> definition.setPrimary(true));
		byName.run((context) -> assertRefused(context, "localhost"));
		byName.withPropertyValues("backend.http.ssl.verify-hostname=false").run(HttpSslTests::assertUp);
	}

	@Test
	void whenSslIsNotEnabledThenTheTrustOfTheSystemIsUsed() {
		this.runner.withPropertyValues("backend.http.ssl.enabled=false")
			.run((context) -> assertRefused(context, "unable to find valid certification path"));
		this.runner.withPropertyValues("backend.http.ssl.enabled=true", "backend.http.ssl.bundle=")
			.run((context) -> assertRefused(context, "unable to find valid certification path"));
	}

	@Test
	void whenTheApplicationHasItsOwnTlsThenTheBundleIsNotUsed() {
		HttpTls own = HttpTls.of(() -> {
			throw new IllegalStateException("own");
		});
		this.runner.withBean(HttpTls.class, () -> own).run((context) -> assertRefused(context, "own"));
	}

	@Test
	void whenThereIsNoSuchBundleThenTheStartFailsAndNamesTheProperty() {
		this.runner.withPropertyValues("backend.http.ssl.bundle=other")
			.run((context) -> assertThat(context.getStartupFailure()).hasStackTraceContaining(
					"backend.http.ssl.bundle is 'other', but there is no SSL bundle of that name."));
	}

}
