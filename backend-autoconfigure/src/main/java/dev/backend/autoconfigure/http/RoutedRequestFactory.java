package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.URI;
import java.util.function.Supplier;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Makes requests that are led, for the hosts that are services. Those to others are the
 * requests of the client library itself. Thread-safe.
 *
 * @param delegate the factory of the client library
 * @param routes returns how requests are led; first asked when one is executed
 * @param hosts the hosts
 */
record RoutedRequestFactory(ClientHttpRequestFactory delegate, Supplier<HttpRoutes> routes,
		ServiceHosts hosts) implements ClientHttpRequestFactory, DisposableBean {

	@Override
	public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
		return this.hosts.test(uri) ? new RoutedRestRequest(this.delegate, method, uri, this.routes)
				: this.delegate.createRequest(uri, method);
	}

	@Override
	public void destroy() throws Exception {
		if (this.delegate instanceof DisposableBean disposable) {
			disposable.destroy();
		}
	}

}
