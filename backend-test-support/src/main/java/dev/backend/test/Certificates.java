package dev.backend.test;

import java.time.Duration;
import java.time.Instant;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;

/**
 * Certificates that are made when a test needs them.
 */
public final class Certificates {

	private Certificates() {
	}

	public static X509Bundle authority(String name) throws Exception {
		return new CertificateBuilder().ecp256()
			.subject("CN=" + name)
			.setIsCertificateAuthority(true)
			.setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.digitalSignature)
			.buildSelfSigned();
	}

	/** A certificate for a host name or an IP address. */
	public static X509Bundle issue(X509Bundle authority, String host) throws Exception {
		return issue(authority, host, Duration.ofDays(1));
	}

	public static X509Bundle issueExpired(X509Bundle authority, String host) throws Exception {
		return issue(authority, host, Duration.ofDays(-1));
	}

	private static X509Bundle issue(X509Bundle authority, String host, Duration validFor) throws Exception {
		CertificateBuilder builder = new CertificateBuilder().ecp256()
			.subject("CN=server")
			.notBefore(Instant.now().minus(Duration.ofDays(2)))
			.notAfter(Instant.now().plus(validFor))
			.setKeyUsage(true, KeyUsage.digitalSignature);
		boolean address = Character.isDigit(host.charAt(0));
		return (address ? builder.addSanIpAddress(host) : builder.addSanDnsName(host)).buildIssuedBy(authority);
	}

	/** What a client uses that trusts an authority, and may have a certificate. */
	public static SslContext clientContext(X509Bundle authority, @Nullable X509Bundle certificate) throws Exception {
		SslContextBuilder builder = SslContextBuilder.forClient().trustManager(authority.getCertificate());
		if (certificate != null) {
			builder.keyManager(certificate.getKeyPair().getPrivate(), certificate.getCertificatePath());
		}
		return builder.build();
	}

}
