package dev.backend.autoconfigure.http;

import java.net.URI;
import java.util.Objects;
import java.util.function.Supplier;

import dev.backend.http.HttpService;

import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.util.DefaultUriBuilderFactory;

/**
 * A {@link WebClient} for each instance, as {@link InstanceRestClients} has a
 * {@code RestClient} for each. Thread-safe.
 */
public final class InstanceWebClients {

	private final PerInstance<WebClient> clients;

	/**
	 * Creates clients that share the global resources of Reactor Netty.
	 */
	public InstanceWebClients() {
		this(copies(() -> WebClient.builder().clientConnector(new ReactorClientHttpConnector())));
	}

	/**
	 * Creates clients that are made from builders of one's own. Whatever base these have
	 * gives way to the address of the instance.
	 * @param builders returns a builder of its own at each call, at most one per instance
	 * as a rule; what these build should share one HTTP client
	 */
	public InstanceWebClients(Supplier<WebClient.Builder> builders) {
		Objects.requireNonNull(builders, "builders");
		this.clients = new PerInstance<>((uri, probe) -> client(builders.get(), uri, probe));
	}

	/**
	 * Returns the supplier of copies of one builder, which is made when the first is
	 * needed.
	 */
	static Supplier<WebClient.Builder> copies(Supplier<WebClient.Builder> prototype) {
		SingletonSupplier<WebClient.Builder> made = SingletonSupplier.of(prototype);
		return () -> made.obtain().clone();
	}

	/**
	 * Returns the client of an instance, made at the first call and kept as long as the
	 * instance. No request is made.
	 * @param service the instance, of any backend
	 * @return the client, the same at each call
	 */
	public WebClient of(HttpService service) {
		return this.clients.of(service);
	}

	private static WebClient client(WebClient.Builder builder, URI uri, Runnable probe) {
		return builder.uriBuilderFactory(new DefaultUriBuilderFactory(uri.toString()))
			.filter((request, next) -> next.exchange(request)
				.doOnError(WebClientRequestException.class, (ex) -> probe.run()))
			.build();
	}

}
