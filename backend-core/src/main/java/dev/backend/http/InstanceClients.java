package dev.backend.http;

import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The HTTP clients of one instance, made when they are first asked for.
 */
final class InstanceClients {

	private final HttpService service;

	private final HttpClients builders;

	private final AtomicReference<@Nullable RestClient> rest = new AtomicReference<>();

	private final AtomicReference<@Nullable WebClient> web = new AtomicReference<>();

	InstanceClients(HttpService service, HttpClients builders) {
		this.service = service;
		this.builders = builders;
	}

	RestClient restClient() {
		RestClient client = this.rest.get();
		return (client != null) ? client : kept(this.rest, BoundClients.rest(this.builders.rest().get(), this.service));
	}

	WebClient webClient() {
		WebClient client = this.web.get();
		return (client != null) ? client : kept(this.web, BoundClients.web(this.builders.web().get(), this.service));
	}

	/** Of two that are made at the same time, all callers get the same one. */
	private static <T> T kept(AtomicReference<@Nullable T> reference, T made) {
		T earlier = reference.compareAndExchange(null, made);
		return (earlier != null) ? earlier : made;
	}

}
