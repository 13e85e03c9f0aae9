package dev.backend.autoconfigure.guide;

import dev.backend.autoconfigure.http.HttpBackendExchangeFilter;
import dev.backend.autoconfigure.http.HttpRoutes;
import reactor.core.publisher.Mono;

import org.springframework.web.reactive.function.client.WebClient;

class PayWebClient {

	private final WebClient client;

	PayWebClient(HttpBackendExchangeFilter filter) {
		this.client = WebClient.builder().baseUrl("http://pay").filter(filter).build();
	}

	Mono<String> balance(String userId) {
		return this.client.get()
			.uri("/balance")
			.attribute(HttpRoutes.KEY_ATTRIBUTE, userId)
			.retrieve()
			.bodyToMono(String.class);
	}

}
