package dev.backend.autoconfigure.guide;

import java.net.URI;

import dev.backend.Route;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;

class OrderUris {

	private final HttpBackend backend;

	OrderUris(HttpBackend backend) {
		this.backend = backend;
	}

	URI orders(String userId) {
		HttpService owner = this.backend.select("pay", Route.hash(userId));
		return owner.uri("/orders");
	}

}
