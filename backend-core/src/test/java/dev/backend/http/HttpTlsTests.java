package dev.backend.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.Certificates;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * GET probes of https instances with certificates that are good, and the ways in which
 * they are not.
 */
@Timeout(60)
class HttpTlsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final List<AutoCloseable> resources = new ArrayList<>();

	private X509Bundle authority;

	@BeforeEach
	void makeAuthority() throws Exception {
		this.authority = Certificates.authority("Authority");
	}

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private SecureServer server(X509Bundle certificate, @Nullable X509Bundle clientAuthority) throws Exception {
		SecureServer server = new SecureServer(certificate, clientAuthority);
		this.resources.add(server);
		return server;
	}

	private SecureServer server(String host) throws Exception {
		return server(Certificates.issue(this.authority, host), null);
	}

	private HttpTls tls() throws Exception {
		return HttpTls.of(Certificates.clientContext(this.authority, null));
	}

	private HttpService probe(String host, int port, @Nullable HttpTls tls) {
		return probe("https", host, port, tls, LONG);
	}

	private HttpService probe(String scheme, String host, int port, @Nullable HttpTls tls, Duration timeout) {
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		discovery.set(new DiscoveredInstance("pay", "pay-1", scheme, host, port, List.of(), Map.of()));
		HttpBackend.Builder builder = HttpBackend.builder()
			.name("https")
			.discovery(discovery)
			.settings(HttpSettings.defaults()
				.withProbe(HttpProbe.get("/health"))
				.withTimes(Duration.ofMillis(20), timeout));
		HttpBackend backend = (tls != null) ? builder.tls(tls).build() : builder.build();
		this.resources.add(0, backend);
		backend.start();
		await().until(() -> backend.findService("pay", "pay-1") != null);
		return backend.getService("pay", "pay-1");
	}

	private static void assertUp(HttpService service, SecureServer server) {
		await().until(() -> service.state() == HttpState.UP);
		assertThat(server.answered()).isPositive();
		assertThat(service.uri("/orders")).hasScheme("https");
	}

	private static void assertRefused(HttpService service, SecureServer server, String... reasons) {
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure())
			.hasMessageStartingWith(
					"TLS handshake with %s:%d failed: ".formatted(service.config().address(), server.port()))
			.hasMessageContainingAll(reasons);
		assertThat(server.answered()).isZero();
	}

	@Test
	void whenTheCertificateNamesTheHostOrTheAddressThenTheInstanceIsUp() throws Exception {
		SecureServer byName = server("localhost");
		assertUp(probe("localhost", byName.port(), tls()), byName);
		SecureServer byAddress = server("127.0.0.1");
		assertUp(probe("127.0.0.1", byAddress.port(), tls()), byAddress);
	}

	@Test
	void whenTheCertificateNamesAnotherHostThenTheInstanceIsDown() throws Exception {
		SecureServer server = server("pay.example");
		assertRefused(probe("localhost", server.port(), tls()), server, "localhost");
		assertRefused(probe("127.0.0.1", server.port(), tls()), server, "127.0.0.1");
	}

	@Test
	void whenTheContextVerifiesNoNamesThenTheProbeDoes() throws Exception {
		SecureServer server = server("pay.example");
		SslContext context = SslContextBuilder.forClient()
			.trustManager(this.authority.getCertificate())
			.endpointIdentificationAlgorithm(null)
			.build();
		assertRefused(probe("localhost", server.port(), HttpTls.of(context)), server, "localhost");
	}

	@Test
	void whenNamesAreNotVerifiedThenTheAuthorityStillIs() throws Exception {
		SecureServer server = server("pay.example");
		assertUp(probe("localhost", server.port(), tls().withoutHostnameVerification()), server);
		SecureServer other = server(Certificates.issue(Certificates.authority("Other"), "localhost"), null);
		assertRefused(probe("localhost", other.port(), tls().withoutHostnameVerification()), other,
				"unable to find valid certification path");
	}

	@Test
	void whenTheAuthorityIsUnknownThenTheInstanceIsDown() throws Exception {
		SecureServer server = server(Certificates.issue(Certificates.authority("Other"), "127.0.0.1"), null);
		assertRefused(probe("127.0.0.1", server.port(), tls()), server, "unable to find valid certification path");
	}

	@Test
	void whenNothingIsSetThenTheTrustOfTheSystemIsUsed() throws Exception {
		SecureServer server = server("127.0.0.1");
		assertRefused(probe("127.0.0.1", server.port(), null), server, "unable to find valid certification path");
	}

	@Test
	void whenTheCertificateHasExpiredThenTheInstanceIsDown() throws Exception {
		SecureServer server = server(Certificates.issueExpired(this.authority, "127.0.0.1"), null);
		assertRefused(probe("127.0.0.1", server.port(), tls()), server, "validity check failed", "NotAfter");
	}

	@Test
	void whenTheServerWantsACertificateThenOursIsShown() throws Exception {
		SecureServer server = server(Certificates.issue(this.authority, "127.0.0.1"), this.authority);
		SslContext context = Certificates.clientContext(this.authority, Certificates.issue(this.authority, "client"));
		assertUp(probe("127.0.0.1", server.port(), HttpTls.of(context)), server);
	}

	@Test
	void whenTheServerWantsACertificateAndThereIsNoneThenTheInstanceIsDown() throws Exception {
		SecureServer server = server(Certificates.issue(this.authority, "127.0.0.1"), this.authority);
		HttpService service = probe("127.0.0.1", server.port(), tls());
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure()).isNotNull();
		assertThat(server.answered()).isZero();
	}

	@Test
	void whenTheContextIsReplacedThenTheNextProbeUsesIt() throws Exception {
		SecureServer server = server("127.0.0.1");
		AtomicReference<SslContext> context = new AtomicReference<>(
				Certificates.clientContext(Certificates.authority("Other"), null));
		HttpService service = probe("127.0.0.1", server.port(), HttpTls.of(context::get));
		assertRefused(service, server, "unable to find valid certification path");
		context.set(Certificates.clientContext(this.authority, null));
		assertUp(service, server);
	}

	@Test
	void whenTheContextCannotBeMadeThenTheProbeFailsWithItsReason() throws Exception {
		SecureServer server = server("127.0.0.1");
		HttpService service = probe("127.0.0.1", server.port(), HttpTls.of(() -> {
			throw new IllegalStateException("no keys yet");
		}));
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure()).hasMessage("no keys yet");
	}

	@Test
	void whenTheServerSpeaksNoTlsThenTheFailureSaysSo() throws Exception {
		DisposableServer plain = TcpServer.create()
			.host("127.0.0.1")
			.handle((in, out) -> out.sendString(Mono.just("HTTP/1.1 400 Bad Request\r\n\r\n")))
			.bindNow();
		this.resources.add(plain::disposeNow);
		HttpService service = probe("127.0.0.1", plain.port(), tls());
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure()).hasMessageContaining("speak TLS");
	}

	@Test
	void whenTheServerIsSilentToTlsThenTheFailureSaysSo() throws Exception {
		DisposableServer silent = TcpServer.create()
			.host("127.0.0.1")
			.handle((in, out) -> out.neverComplete())
			.bindNow();
		this.resources.add(silent::disposeNow);
		HttpService service = probe("https", "127.0.0.1", silent.port(), tls(), Duration.ofMillis(200));
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure()).isInstanceOf(TimeoutException.class)
			.hasMessageContainingAll("no answer to the probe", "may not speak TLS", "https");
	}

	/** Such as nginx and Tomcat. */
	@Test
	void whenAServerOfTlsSaysInPlainTextThatItIsOneThenTheFailureSaysSo() {
		DisposableServer server = TcpServer.create()
			.host("127.0.0.1")
			.handle((in, out) -> out.sendString(Mono.just("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")))
			.bindNow();
		this.resources.add(server::disposeNow);
		assertExpectsTls(server.port(), "status 400");
	}

	@Test
	void whenAServerOfTlsClosesOrAlertsThenTheFailureSaysSo() throws Exception {
		assertExpectsTls(server("127.0.0.1").port(), "");
		byte[] alert = { 21, 3, 3, 0, 2, 2, 70 };
		DisposableServer alerting = TcpServer.create()
			.host("127.0.0.1")
			.handle((in, out) -> out.sendByteArray(Mono.just(alert)))
			.bindNow();
		this.resources.add(alerting::disposeNow);
		assertExpectsTls(alerting.port(), "");
	}

	private void assertExpectsTls(int port, String reason) {
		HttpService service = probe("http", "127.0.0.1", port, null, LONG);
		await().until(() -> service.state() == HttpState.DOWN);
		assertThat(service.lastFailure()).hasMessageContainingAll(reason, "may expect TLS", "scheme http");
	}

}
