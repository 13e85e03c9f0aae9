package dev.backend.http;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.faults.Refusal;
import dev.backend.test.Certificates;
import dev.backend.test.fault.FaultProxy;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Probes of servers whose certificate is not good enough: no request is sent, the failure
 * says why, and a renewed certificate is enough for the instance to be up.
 */
@Timeout(60)
class RefusedProbeTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	@ParameterizedTest
	@EnumSource
	void whenTheCertificateIsRefusedThenNoRequestIsSentUntilItIsRenewed(Refusal refusal) throws Exception {
		X509Bundle authority = Certificates.authority("Authority");
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		try (SecureServer refused = new SecureServer(refusal.certificate(authority), null);
				SecureServer renewed = new SecureServer(Certificates.issue(authority, "127.0.0.1"), null);
				FaultProxy proxy = new FaultProxy(refused.port());
				HttpBackend backend = HttpBackend.builder()
					.discovery(discovery)
					.settings(HttpSettings.defaults()
						.withProbe(HttpProbe.get("/health"))
						.withTimes(Duration.ofMillis(20), LONG))
					.tls(HttpTls.of(Certificates.clientContext(authority, null)))
					.build()) {
			discovery
				.set(new DiscoveredInstance("pay", "pay-1", "https", "127.0.0.1", proxy.port(), List.of(), Map.of()));
			backend.start();
			await().atMost(LONG).until(() -> backend.findService("pay", "pay-1") != null);
			HttpService service = backend.getService("pay", "pay-1");
			await().atMost(LONG).until(() -> service.state() == HttpState.DOWN);
			assertThat(service.lastFailure())
				.hasMessageStartingWith("TLS handshake with 127.0.0.1:%d failed: ".formatted(proxy.port()))
				.hasMessageContaining(refusal.reason());
			assertThat(refused.answered()).isZero();
			Refusal.assertNoApplicationData(proxy.sentByClients());
			proxy.target(renewed.port());
			await().atMost(LONG).until(() -> service.state() == HttpState.UP);
			assertThat(renewed.answered()).isPositive();
			assertThat(refused.answered()).isZero();
		}
	}

}
