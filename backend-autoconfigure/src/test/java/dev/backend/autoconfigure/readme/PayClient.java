package dev.backend.autoconfigure.readme;

import dev.backend.autoconfigure.http.HttpBackendRequestFactories;
import dev.backend.autoconfigure.http.HttpRoutes;

import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;

class PayClient {

	private final RestClient client;

	PayClient(HttpBackendRequestFactories factories) {
		this.client = RestClient.builder()
			.baseUrl("http://pay")
			.requestFactory(factories.wrap(new JdkClientHttpRequestFactory()))
			.build();
	}

	Order order(String userId, long id) {
		return this.client.get()
			.uri("/orders/{id}", id)
			.attribute(HttpRoutes.KEY_ATTRIBUTE, userId)
			.retrieve()
			.requiredBody(Order.class);
	}

	record Order(long id, String state) {

	}

}
