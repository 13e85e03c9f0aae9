package dev.backend.autoconfigure.guide;

import dev.backend.ConnectionLostException;
import dev.backend.NoReplyException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import dev.backend.ServiceNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

@RestControllerAdvice
class GatewayErrors {

	private static final Logger logger = LoggerFactory.getLogger(GatewayErrors.class);

	@ExceptionHandler
	ResponseEntity<ProblemDetail> nobodyThere(ServiceNotFoundException ex) {
		return answer(HttpStatus.SERVICE_UNAVAILABLE, true, ex);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> refused(SendRejectedException ex) {
		return switch (ex.reason()) {
			case NOT_CONNECTED, NO_INSTANCE, QUEUE_FULL, TOO_MANY_PENDING, TOO_MANY_BYTES ->
				answer(HttpStatus.SERVICE_UNAVAILABLE, true, ex);
			case FRAME_TOO_LARGE, BATCH_TOO_LARGE -> answer(HttpStatus.CONTENT_TOO_LARGE, false, ex);
			default -> answer(HttpStatus.INTERNAL_SERVER_ERROR, false, ex);
		};
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> tooLate(RequestTimeoutException ex) {
		return answer(HttpStatus.GATEWAY_TIMEOUT, !ex.written(), ex);
	}

	@ExceptionHandler
	ResponseEntity<ProblemDetail> lost(ConnectionLostException ex) {
		return answer(ex.written() ? HttpStatus.BAD_GATEWAY : HttpStatus.SERVICE_UNAVAILABLE, !ex.written(), ex);
	}

	@ExceptionHandler
	ResponseEntity<Void> noReply(NoReplyException ex) {
		return ResponseEntity.noContent().build();
	}

	// The message names servers and addresses, which callers from outside need not know.
	private static ResponseEntity<ProblemDetail> answer(HttpStatus status, boolean repeatable, RuntimeException ex) {
		logger.warn("Answered with {}: {}", status.value(), ex.getMessage());
		ProblemDetail problem = ProblemDetail.forStatus(status);
		problem.setProperty("repeatable", repeatable);
		return ResponseEntity.of(problem).build();
	}

}
