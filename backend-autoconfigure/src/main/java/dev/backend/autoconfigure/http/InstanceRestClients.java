package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import java.util.function.Supplier;

import dev.backend.http.HttpService;

import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.client.RestClient;
import org.springframework.web.util.DefaultUriBuilderFactory;

/**
 * A {@link RestClient} for each instance: {@code of(service).get().uri("/orders")} goes
 * to that instance whatever happens to the rings, and a request that fails without an
 * answer makes the instance be probed at once. Thread-safe.
 */
public final class InstanceRestClients {

	private final PerInstance<RestClient> clients;

	/**
	 * Creates clients that share one HTTP client of the JDK, and its thread.
	 */
	public InstanceRestClients() {
		this(copies(() -> RestClient.builder().requestFactory(new JdkClientHttpRequestFactory())));
	}

	/**
	 * Creates clients that are made from builders of one's own. Whatever base these have
	 * gives way to the address of the instance.
	 * @param builders returns a builder of its own at each call, at most one per instance
	 * as a rule; what these build should share one HTTP client
	 */
	public InstanceRestClients(Supplier<RestClient.Builder> builders) {
		Objects.requireNonNull(builders, "builders");
		this.clients = new PerInstance<>((uri, probe) -> client(builders.get(), uri, probe));
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

	private static RestClient client(RestClient.Builder builder, URI uri, Runnable probe) {
		return builder.uriBuilderFactory(new DefaultUriBuilderFactory(uri.toString()))
			.requestInterceptor(probing(probe))
			.build();
	}

	private static ClientHttpRequestInterceptor probing(Runnable probe) {
		return (request, body, execution) -> {
			try {
				return execution.execute(request, body);
			}
			catch (IOException ex) {
				probe.run();
				throw ex;
			}
		};
	}

}
