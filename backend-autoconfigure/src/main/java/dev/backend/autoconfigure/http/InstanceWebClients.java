package dev.backend.autoconfigure.http;

import java.net.URI;
import java.util.Objects;
import java.util.function.Supplier;

import dev.backend.http.HttpService;
import reactor.core.publisher.Mono;

import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
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
		this.clients = new PerInstance<>((place) -> client(builders.get(), place));
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

	private static WebClient client(WebClient.Builder builder, InstancePlace place) {
		return builder.uriBuilderFactory(new DefaultUriBuilderFactory(place.base().toString()))
			// First, so that no other filter leads the request elsewhere.
			.filters((filters) -> filters.add(0, to(place)))
			.build();
	}

	private static ExchangeFilterFunction to(InstancePlace place) {
		return (request, next) -> Mono.defer(() -> next.exchange(located(request, place)))
			.doOnError(WebClientRequestException.class, (ex) -> place.probe());
	}

	private static ClientRequest located(ClientRequest request, InstancePlace place) {
		URI url = request.url();
		return new RoutedWebRequest(request, place.isCalledBy(url) ? place.locate(url) : url);
	}

}
