package dev.backend.sample.gateway;

import java.util.NoSuchElementException;

import dev.backend.ConnectionLostException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * What the gateway answers when a call cannot be done: a problem detail with the
 * library's message.
 */
@RestControllerAdvice
class ErrorHandler {

	@ExceptionHandler
	ProblemDetail notFound(ServiceNotFoundException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail notFound(NoSuchElementException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND, ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail rejected(SendRejectedException ex) {
		HttpStatus status = (ex.reason() == SendResult.FRAME_TOO_LARGE) ? HttpStatus.CONTENT_TOO_LARGE
				: HttpStatus.SERVICE_UNAVAILABLE;
		return ProblemDetail.forStatusAndDetail(status, ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail connectionLost(ConnectionLostException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, ex.getMessage());
	}

	@ExceptionHandler
	ProblemDetail timeout(RequestTimeoutException ex) {
		return ProblemDetail.forStatusAndDetail(HttpStatus.GATEWAY_TIMEOUT, ex.getMessage());
	}

}
