package dev.backend.autoconfigure.readme;

import dev.backend.autoconfigure.http.HttpRoutes;

import org.springframework.web.client.RestClient;

class PayOrders {

	private final RestClient client;

	PayOrders(RestClient.Builder builder) {
		this.client = builder.build();
	}

	Order get(String userId, long id) {
		return this.client.get()
			.uri("http://pay/orders/{id}", id)
			.attribute(HttpRoutes.KEY_ATTRIBUTE, userId)
			.retrieve()
			.requiredBody(Order.class);
	}

	Order post(String userId, Order order) {
		return this.client.post()
			.uri("http://pay/orders")
			.attribute(HttpRoutes.KEY_ATTRIBUTE, userId)
			.body(order)
			.retrieve()
			.requiredBody(Order.class);
	}

	record Order(long id, String state) {

	}

}
