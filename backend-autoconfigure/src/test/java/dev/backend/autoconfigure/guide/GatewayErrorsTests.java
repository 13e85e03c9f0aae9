package dev.backend.autoconfigure.guide;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.backend.BackendException;
import dev.backend.ConnectionLostException;
import dev.backend.NoReplyException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A gateway answers each exception with the status and the advice of docs/errors.md.
 */
class GatewayErrorsTests {

	private static final Pattern ROW = Pattern.compile(
			"^\\| `(\\w+)`(?:, `(?:written\\(\\)` is `(\\w+)`|([A-Z_`, ]+)`))? \\| .* \\| (\\d{3}) \\| (yes|no|) \\|$");

	/** What the page has in its table, one row for each reason of a refusal. */
	static List<Arguments> rows() throws IOException {
		return Files.readAllLines(Path.of("../docs/errors.md"))
			.stream()
			.map(ROW::matcher)
			.filter((row) -> row.matches())
			.flatMap((row) -> exceptions(row.group(1), Boolean.parseBoolean(row.group(2)), row.group(3))
				.map((exception) -> Arguments.of(exception, Integer.valueOf(row.group(4)), row.group(5))))
			.toList();
	}

	private static Stream<BackendException> exceptions(String type, boolean written, String reasons) {
		return switch (type) {
			case "ServiceNotFoundException" -> Stream.of(new ServiceNotFoundException("10.0.0.5"));
			case "SendRejectedException" -> Stream.of(reasons.split("`, `"))
				.map((reason) -> new SendRejectedException(SendResult.valueOf(reason), "10.0.0.5", null));
			case "RequestTimeoutException" -> Stream.of(new RequestTimeoutException("10.0.0.5", written));
			case "ConnectionLostException" -> Stream.of(new ConnectionLostException("10.0.0.5", written, null));
			case "NoReplyException" -> Stream.of(new NoReplyException("10.0.0.5"));
			default -> throw new IllegalArgumentException(type);
		};
	}

	@ParameterizedTest
	@MethodSource("rows")
	void anExceptionIsAnsweredAsThePageSays(BackendException exception, int status, String repeatable) {
		for (String path : List.of("/joined", "/future")) {
			byte[] body = WebTestClient.bindToController(new Failing(exception))
				.controllerAdvice(new GatewayErrors())
				.build()
				.get()
				.uri(path)
				.exchange()
				.expectStatus()
				.isEqualTo(status)
				.expectBody()
				.returnResult()
				.getResponseBody();
			String text = (body != null) ? new String(body) : "";
			assertThat(text).doesNotContain("10.0.0.5");
			if (!repeatable.isEmpty()) {
				assertThat(text).contains("\"repeatable\":" + repeatable.equals("yes"));
			}
		}
	}

	@Test
	void thePageHasEachExceptionAndEachReason() throws IOException {
		List<Object> inTable = rows().stream().map((row) -> row.get()[0]).toList();
		ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
		scanner.addIncludeFilter(new AssignableTypeFilter(BackendException.class));
		assertThat(scanner.findCandidateComponents("dev.backend")).extracting(BeanDefinition::getBeanClassName)
			.isNotEmpty()
			.isSubsetOf(inTable.stream().map((exception) -> exception.getClass().getName()).toList());
		assertThat(inTable).filteredOn(SendRejectedException.class::isInstance)
			.extracting((exception) -> ((SendRejectedException) exception).reason())
			.containsExactlyInAnyOrderElementsOf(
					Stream.of(SendResult.values()).filter((result) -> !result.accepted()).toList());
	}

	/**
	 * Fails as a handler does that waits for a request, and as one that returns it.
	 */
	@RestController
	static class Failing {

		private final CompletableFuture<String> request;

		Failing(BackendException exception) {
			this.request = CompletableFuture.failedFuture(exception);
		}

		@GetMapping("/joined")
		String joined() {
			return this.request.join();
		}

		@GetMapping("/future")
		Mono<String> future() {
			return Mono.fromFuture(this.request);
		}

	}

}
