package dev.backend.transport;

import java.nio.channels.ClosedChannelException;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import dev.backend.ServiceConfig;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Says in a sentence why a TLS connection could not be made, where the libraries leave
 * that to a chain of causes.
 */
public final class TlsExplanation {

	private TlsExplanation() {
	}

	/**
	 * Explains why a connection that was to be encrypted was not made.
	 * @param failure what was thrown
	 * @param config the peer
	 * @return an exception that says why; the same if it has nothing to do with TLS
	 */
	public static Throwable explain(Throwable failure, ServiceConfig config) {
		if (failure instanceof SslHandshakeTimeoutException) {
			return failure;
		}
		String reason = reason(failure);
		return (reason != null) ? handshakeFailure(config, reason, failure) : failure;
	}

	private static @Nullable String reason(Throwable failure) {
		if (failure instanceof NotSslRecordException) {
			// Its message is what the peer has sent, and may be long or secret.
			return "the peer does not speak TLS";
		}
		if (failure instanceof ClosedChannelException) {
			return "the peer closed the connection; it may not speak TLS, or not accept this client";
		}
		return (failure instanceof SSLException) ? withRoot(failure) : null;
	}

	private static String withRoot(Throwable failure) {
		String message = String.valueOf(failure.getMessage());
		Throwable root = failure;
		while (root.getCause() != null) {
			root = root.getCause();
		}
		String detail = root.getMessage();
		return (detail == null || message.contains(detail)) ? message : message + ": " + detail;
	}

	private static SSLException handshakeFailure(ServiceConfig config, String reason, Throwable cause) {
		SSLException explained = new SSLHandshakeException(
				"TLS handshake with %s failed: %s".formatted(config.endpoint(), reason));
		if (!(cause instanceof NotSslRecordException)) {
			explained.initCause(cause);
		}
		return explained;
	}

}
