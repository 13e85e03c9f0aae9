package dev.backend.autoconfigure.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.backend.http.HttpService;

/**
 * Tells an instance, for its ejection, what became of one request, once. Thread-safe.
 *
 * <p>
 * An answer of a gateway that has none (502, 503, 504), an input or output error and a
 * time-out count as failures, up to the end of the body. Every other answer counts as a
 * success when its body has ended, or when the caller wants no more of it. What fails for
 * a reason of this side counts as neither.
 */
final class RequestOutcome {

	private final HttpService service;

	private final Duration cancelledAfter;

	private final long begun = System.nanoTime();

	private final AtomicBoolean told = new AtomicBoolean();

	private volatile boolean answered;

	/**
	 * Begins a request.
	 * @param service the instance
	 * @param cancelledAfter how long a request that its caller cancels must have had no
	 * answer to count as failed; zero if it never does
	 */
	RequestOutcome(HttpService service, Duration cancelledAfter) {
		this.service = service;
		this.cancelledAfter = cancelledAfter;
	}

	/** The head of the answer is there. */
	void answered(int status) {
		this.answered = true;
		if (status >= 502 && status <= 504) {
			tell(new GatewayStatusException(status));
		}
	}

	/** The body has ended, or nobody wants more of it. */
	void ended() {
		if (this.told.compareAndSet(false, true)) {
			this.service.succeeded();
		}
	}

	/** The request or the body of its answer has failed. */
	void failed(Throwable failure) {
		if (ConnectFailures.isInputOrOutput(failure) && !ConnectFailures.isOwn(failure)) {
			tell(failure);
		}
		else {
			this.told.set(true);
		}
	}

	/**
	 * The caller has given up; what that means after the answer is for the body to say.
	 */
	void cancelled() {
		if (this.answered) {
			return;
		}
		Duration waited = Duration.ofNanos(System.nanoTime() - this.begun);
		if (!this.cancelledAfter.isZero() && waited.compareTo(this.cancelledAfter) >= 0) {
			tell(new NoAnswerException(waited));
		}
		else {
			this.told.set(true);
		}
	}

	private void tell(Throwable failure) {
		if (this.told.compareAndSet(false, true)) {
			this.service.failed(failure);
		}
	}

	/** Says which status it was; nobody needs its stack trace. */
	private static final class GatewayStatusException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		GatewayStatusException(int status) {
			super("status " + status, null, false, false);
		}

	}

	/** Says how long nothing came; nobody needs its stack trace. */
	private static final class NoAnswerException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		NoAnswerException(Duration waited) {
			super("no answer within %d ms, when its caller gave up".formatted(waited.toMillis()), null, false, false);
		}

	}

}
