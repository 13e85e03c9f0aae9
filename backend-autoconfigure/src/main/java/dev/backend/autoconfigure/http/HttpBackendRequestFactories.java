package dev.backend.autoconfigure.http;

import java.util.Objects;
import java.util.function.Supplier;

import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Has the requests of a {@code RestClient} or {@code RestTemplate} go to the instance
 * that owns their key: {@code http://pay/orders} goes to an instance of the service
 * {@code pay}, see {@link HttpRoutes}. If there is no connection to that, so that nothing
 * was sent, the request goes to the next owner, once; either way the instance is probed
 * at once. Bodies are streamed in both directions. Thread-safe.
 *
 * <p>
 * It is a matter of the request factory, because an interceptor would have Spring hold
 * every body in memory.
 */
public final class HttpBackendRequestFactories {

	private final Supplier<HttpRoutes> routes;

	private final ServiceHosts hosts;

	/**
	 * Leads the requests to some hosts.
	 * @param routes returns how; first asked when there is such a request
	 * @param hosts the hosts; requests to others are those of the client library
	 */
	HttpBackendRequestFactories(Supplier<HttpRoutes> routes, ServiceHosts hosts) {
		this.routes = routes;
		this.hosts = hosts;
	}

	/**
	 * Returns a factory whose requests are led; what is led already passes. A request
	 * fails with {@link dev.backend.ServiceNotFoundException} if its host is no known
	 * service or none of its instances is usable, and with {@link IllegalStateException}
	 * if it is to {@code https} and the instance speaks plain HTTP.
	 * @param factory makes the requests to the instances; it is closed with the result
	 * @return the factory, for {@code RestClient.Builder.requestFactory} or
	 * {@code RestTemplate.setRequestFactory}
	 */
	public ClientHttpRequestFactory wrap(ClientHttpRequestFactory factory) {
		Objects.requireNonNull(factory, "factory");
		return isEmpty() ? factory : new RoutedRequestFactory(factory, this.routes, this.hosts);
	}

	/** Whether nothing is led. */
	boolean isEmpty() {
		return this.hosts.isEmpty();
	}

}
