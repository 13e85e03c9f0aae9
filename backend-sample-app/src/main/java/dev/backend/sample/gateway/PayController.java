package dev.backend.sample.gateway;

import dev.backend.autoconfigure.http.HttpRoutes;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

/**
 * The pay servers, which are asked by an HTTP client that the ring leads.
 */
@RestController
@RequestMapping("/api")
class PayController {

	private static final String SERVICE = "pay";

	private final RestClient client;

	PayController(RestClient.Builder builder) {
		this.client = builder.baseUrl("http://" + SERVICE).build();
	}

	/** Asks the server that owns the key; answers with who has answered. */
	@GetMapping("/pay")
	Mono<Served> pay(@RequestParam String key) {
		return Mono.fromCallable(() -> new Served(SERVICE, ask(key))).subscribeOn(Schedulers.boundedElastic());
	}

	/** Waits for the answer, which an event loop must not. */
	private String ask(String key) {
		return this.client.get()
			.uri("/accounts/{user}", key)
			.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
			.retrieve()
			.requiredBody(String.class);
	}

	/**
	 * The instance that has served a request.
	 */
	record Served(String service, String id) {
	}

}
