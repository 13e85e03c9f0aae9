package dev.backend.faults;

import java.nio.ByteBuffer;

import dev.backend.test.Certificates;
import io.netty.pkitesting.X509Bundle;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Why the certificate of a server at 127.0.0.1 is not good enough.
 */
public enum Refusal {

	EXPIRED("NotAfter") {
		@Override
		public X509Bundle certificate(X509Bundle authority) throws Exception {
			return Certificates.issueExpired(authority, "127.0.0.1");
		}
	},

	WRONG_HOST("127.0.0.1") {
		@Override
		public X509Bundle certificate(X509Bundle authority) throws Exception {
			return Certificates.issue(authority, "127.0.0.2");
		}
	},

	UNTRUSTED("unable to find valid certification path") {
		@Override
		public X509Bundle certificate(X509Bundle authority) throws Exception {
			return Certificates.issue(Certificates.authority("Other"), "127.0.0.1");
		}
	};

	private static final int APPLICATION_DATA = 23;

	/** Two bytes, their type, the padding of the JDK, and the tag of the cipher. */
	private static final int ENCRYPTED_ALERT_BYTES = 35;

	private final String reason;

	Refusal(String reason) {
		this.reason = reason;
	}

	/** A certificate that whoever trusts the authority must refuse. */
	public abstract X509Bundle certificate(X509Bundle authority) throws Exception;

	/** What the failure must tell. */
	public String reason() {
		return this.reason;
	}

	/**
	 * Asserts that TLS records hold no data of the application. In TLS 1.3 an alert looks
	 * like data, but for its size (RFC 8446, section 5.2).
	 */
	public static void assertNoApplicationData(byte[] records) {
		ByteBuffer in = ByteBuffer.wrap(records);
		assertThat(records).isNotEmpty();
		while (in.remaining() >= 5) {
			int type = in.get();
			in.getShort();
			int length = in.getShort();
			assertThat(type != APPLICATION_DATA || length <= ENCRYPTED_ALERT_BYTES)
				.as("record of type %d with %d bytes", type, length)
				.isTrue();
			in.position(Math.min(in.limit(), in.position() + length));
		}
	}

}
