package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.util.concurrent.TimeoutException;

import dev.backend.http.HttpService;
import io.netty.channel.ChannelException;

/**
 * Tells an instance what became of a request, for its ejection: an answer of a gateway
 * that has none (502, 503, 504), an input or output error and a time-out count as
 * failures, every other answer as a success. What fails before a request is made, such as
 * a filter, counts as neither.
 */
final class EjectionFeedback {

	private EjectionFeedback() {
	}

	static void answered(HttpService service, int status) {
		if (status < 502 || status > 504) {
			service.succeeded();
		}
		else {
			service.failed(new GatewayStatusException(status));
		}
	}

	static void failed(HttpService service, Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof IOException || cause instanceof TimeoutException
					|| cause instanceof ChannelException) {
				service.failed(cause);
				return;
			}
		}
	}

	/** Says which status it was; nobody needs its stack trace. */
	private static final class GatewayStatusException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		GatewayStatusException(int status) {
			super("status " + status, null, false, false);
		}

	}

}
