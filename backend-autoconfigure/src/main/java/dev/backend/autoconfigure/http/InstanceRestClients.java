package dev.backend.autoconfigure.http;

import java.util.Objects;
import java.util.function.Supplier;

import dev.backend.http.HttpService;

import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.client.RestClient;
import org.springframework.web.util.DefaultUriBuilderFactory;

/**
 * A {@link RestClient} for each instance: {@code of(service).get().uri("/orders")} goes
 * to that instance whatever happens to the rings, also after a move to another address,
 * and a request that fails without an answer makes the instance be probed at once. Meters
 * know the client by the name of the service. Thread-safe.
 */
public final class InstanceRestClients {

	private final PerInstance<RestClient> clients;

	/**
	 * Creates clients that share one HTTP client of the JDK, and its thread.
	 */
	public InstanceRestClients() {
		this(copies(RestClient::builder), SingletonSupplier.of(() -> new JdkClientHttpRequestFactory()));
	}

	/**
	 * Creates clients that are made from builders of one's own. Whatever base and request
	 * factory these have give way to the address of the instance and the factory here.
	 * @param requestFactory makes the requests of all clients
	 * @param builders returns a builder of its own at each call, at most one per instance
	 * as a rule
	 */
	public InstanceRestClients(ClientHttpRequestFactory requestFactory, Supplier<RestClient.Builder> builders) {
		this(Objects.requireNonNull(builders, "builders"),
				SingletonSupplier.of(Objects.requireNonNull(requestFactory, "requestFactory")));
	}

	private InstanceRestClients(Supplier<RestClient.Builder> builders,
			SingletonSupplier<ClientHttpRequestFactory> requestFactory) {
		this.clients = new PerInstance<>((place) -> client(builders.get(), requestFactory.obtain(), place));
	}

	/** Makes the one factory when the first client is needed. */
	static InstanceRestClients lazily(Supplier<ClientHttpRequestFactory> requestFactory,
			Supplier<RestClient.Builder> builders) {
		return new InstanceRestClients(builders, SingletonSupplier.of(requestFactory));
	}

	/**
	 * Returns the supplier of copies of one builder, which is made when the first is
	 * needed.
	 */
	static Supplier<RestClient.Builder> copies(Supplier<RestClient.Builder> prototype) {
		SingletonSupplier<RestClient.Builder> made = SingletonSupplier.of(prototype);
		return () -> made.obtain().clone();
	}

	/**
	 * Returns the client of an instance, made at the first call and kept as long as the
	 * instance. No request is made.
	 * @param service the instance, of any backend
	 * @return the client, the same at each call
	 */
	public RestClient of(HttpService service) {
		return this.clients.of(service);
	}

	private static RestClient client(RestClient.Builder builder, ClientHttpRequestFactory requestFactory,
			InstancePlace place) {
		return builder.uriBuilderFactory(new DefaultUriBuilderFactory(place.base().toString()))
			.requestFactory(new InstanceRequestFactory(requestFactory, place))
			.build();
	}

}
