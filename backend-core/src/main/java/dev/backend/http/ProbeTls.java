package dev.backend.http;

import java.util.concurrent.TimeoutException;

import dev.backend.ServiceConfig;
import dev.backend.transport.PlainWords;
import dev.backend.transport.TlsExplanation;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpResponseStatus;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.PrematureCloseException;

/**
 * Says of a probe that fails when the likely reason is that only one side speaks TLS.
 * Thread-safe.
 */
final class ProbeTls {

	private static final String EXPECTED = "; the instance may expect TLS, and is registered with the scheme http";

	private final ServiceConfig config;

	private volatile boolean connected;

	private ProbeTls(ServiceConfig config) {
		this.config = config;
	}

	/** For one probe. */
	static ProbeTls of(ServiceConfig config) {
		return new ProbeTls(config);
	}

	boolean encrypted() {
		return this.config.scheme().equals("https");
	}

	HttpClient observe(HttpClient client) {
		return client.observe((connection, state) -> {
			if (state == ConnectionObserver.State.CONNECTED) {
				this.connected = true;
			}
		});
	}

	/** What to add to a status that is not good. */
	String hint(int status) {
		// What servers say in plain text to those who do not speak TLS.
		return (!encrypted() && status == HttpResponseStatus.BAD_REQUEST.code()) ? EXPECTED : "";
	}

	/** What to add to the text of a time-out. */
	static String hint(Throwable failure) {
		return (failure instanceof UnfinishedHandshake)
				? "; there was no TLS handshake: the instance may not speak TLS, and is registered with the scheme https"
				: "";
	}

	Throwable explain(Throwable failure) {
		if (!encrypted()) {
			return isGarbage(failure) ? new ProbeFailedException(PlainWords.describe(failure) + EXPECTED) : failure;
		}
		return (failure instanceof TimeoutException && !this.connected) ? new UnfinishedHandshake()
				: TlsExplanation.explain(failure, this.config);
	}

	/** An alert is no HTTP, and some servers only close. */
	private static boolean isGarbage(Throwable failure) {
		return failure instanceof PrematureCloseException || failure instanceof DecoderException
				|| failure instanceof IllegalArgumentException;
	}

	/** The time is over, and so far there is no encrypted connection. */
	private static final class UnfinishedHandshake extends TimeoutException {

		private static final long serialVersionUID = 1L;

	}

}
