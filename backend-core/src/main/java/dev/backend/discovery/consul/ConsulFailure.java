package dev.backend.discovery.consul;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;

import javax.net.ssl.SSLException;

import dev.backend.discovery.FailureText;
import dev.backend.settings.DurationText;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.PrematureCloseException;

/**
 * Why a query to Consul has no usable answer. The message is for people and holds no
 * secret.
 */
final class ConsulFailure extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final Kind kind;

	private ConsulFailure(String message, Kind kind) {
		super(message, null, false, false);
		this.kind = kind;
	}

	/** Consul answered, but not what was wanted, which may pass. */
	static ConsulFailure refused(String message) {
		return new ConsulFailure(message, Kind.REFUSED);
	}

	/**
	 * Consul answered, and has nothing against other queries: only this one is no use.
	 */
	static ConsulFailure useless(String message) {
		return new ConsulFailure(message, Kind.USELESS);
	}

	/** Consul did not answer in time. */
	static ConsulFailure silent(long millis) {
		return new ConsulFailure("no answer for " + DurationText.of(Duration.ofMillis(millis)), Kind.UNANSWERED);
	}

	/** Whatever made a request fail. */
	static ConsulFailure of(Throwable failure) {
		Throwable cause = (failure instanceof DecoderException && failure.getCause() != null) ? failure.getCause()
				: failure;
		return (cause instanceof ConsulFailure known) ? known : new ConsulFailure("no answer: " + explain(cause),
				(cause instanceof IOException || cause instanceof AbortedException) ? Kind.UNANSWERED : Kind.REFUSED);
	}

	/** Whether there was no answer at all, so that the agent itself may be gone. */
	boolean unanswered() {
		return this.kind == Kind.UNANSWERED;
	}

	/**
	 * Whether the reason is the query itself, so that it fails again until somebody has
	 * changed a right or a registration.
	 */
	boolean useless() {
		return this.kind == Kind.USELESS;
	}

	private static String explain(Throwable cause) {
		if (cause instanceof UnknownHostException) {
			return "the host name has no address";
		}
		if (cause instanceof ConnectTimeoutException) {
			return "no connection in time";
		}
		if (cause instanceof ConnectException) {
			return "the connection is refused";
		}
		if (cause instanceof PrematureCloseException || cause instanceof AbortedException) {
			return "the connection ended before the answer did";
		}
		String text = (cause.getMessage() != null) ? FailureText.printable(cause.getMessage())
				: cause.getClass().getSimpleName();
		return (cause instanceof SSLException) ? "TLS: " + text : text;
	}

	private enum Kind {

		UNANSWERED, REFUSED, USELESS

	}

}
