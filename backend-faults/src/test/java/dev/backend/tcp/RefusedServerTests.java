package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import dev.backend.SendRejectedException;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.faults.Refusal;
import dev.backend.test.Certificates;
import dev.backend.test.SlowTest;
import dev.backend.test.fault.FaultProxy;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Servers whose certificate is not good enough: refused before a byte of ours is sent,
 * with an error that says why, until it is renewed, or our trust is; without a restart.
 */
@Timeout(60)
@SlowTest
class RefusedServerTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final TcpHandler<Frame> handler = new TcpHandler<>() {
		@Override
		public void onConnected(TcpConnection<Frame> connection) {
			connection.send(Frame.push("a secret, and longer than an alert"));
		}
	};

	static Stream<Arguments> refusals() {
		return Stream.of(Refusal.values())
			.flatMap((refusal) -> Stream.of("TLSv1.2", "TLSv1.3").map((protocol) -> Arguments.of(refusal, protocol)));
	}

	@ParameterizedTest
	@MethodSource("refusals")
	void whenTheCertificateIsRefusedThenNothingOfOursIsSentUntilItIsRenewed(Refusal refusal, String protocol)
			throws Exception {
		X509Bundle authority = Certificates.authority("Authority");
		AtomicReference<SslContext> context = new AtomicReference<>(Certificates.clientContext(authority, null));
		X509Bundle refused = refusal.certificate(authority);
		try (TlsServer server = new TlsServer(refused, protocol); FaultProxy proxy = new FaultProxy(server.port())) {
			this.tcp.discover(InMemoryDiscovery.instance("game", "game-1", proxy.port()));
			TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.handler,
					(builder) -> builder.tls(TcpTls.of(context::get)));
			await().until(() -> backend.findService("game", "game-1") != null);
			TcpService<Frame> service = backend.getService("game", "game-1");
			await().until(() -> service.counters().dialFailures() >= 3);
			assertThat(service.lastFailure())
				.hasMessageStartingWith("TLS handshake with 127.0.0.1:%d failed: ".formatted(proxy.port()))
				.hasMessageContaining(refusal.reason());
			assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> service.send(Frame.push("x")))
				.withMessageContaining("game/game-1 at 127.0.0.1:%d: not connected".formatted(proxy.port()))
				.withMessageContaining(refusal.reason());
			assertThat(service.counters().connects()).isZero();
			assertThat(server.applicationBytes()).isZero();
			Refusal.assertNoApplicationData(proxy.sentByClients());
			if (refusal == Refusal.UNTRUSTED) {
				context.set(SslContextBuilder.forClient().trustManager(refused.getRootCertificate()).build());
			}
			else {
				server.use(Certificates.issue(authority, "127.0.0.1"));
			}
			await().until(() -> service.state() == TcpState.READY);
			assertThat(service.request(Frame.request(1, "hello"), LONG)).succeedsWithin(LONG);
			assertThat(service.lastFailure()).isNull();
		}
	}

}
