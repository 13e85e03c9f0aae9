package dev.backend.autoconfigure.guide;

import java.util.List;

import dev.backend.autoconfigure.http.InstanceRestClients;
import dev.backend.http.HttpBackend;

class PayAudit {

	private final HttpBackend backend;

	private final InstanceRestClients clients;

	PayAudit(HttpBackend backend, InstanceRestClients clients) {
		this.backend = backend;
		this.clients = clients;
	}

	List<String> versions() {
		return this.backend.group("pay")
			.services()
			.stream()
			.map((service) -> this.clients.of(service).get().uri("/version").retrieve().requiredBody(String.class))
			.toList();
	}

}
