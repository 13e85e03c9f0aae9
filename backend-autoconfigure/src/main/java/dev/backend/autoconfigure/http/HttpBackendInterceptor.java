package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.URI;
import java.util.List;

import dev.backend.http.HttpService;

import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.support.HttpRequestWrapper;

/**
 * Sends the requests of a {@code RestClient} or {@code RestTemplate} to the instance that
 * owns their key: {@code http://pay/orders} goes to an instance of the service
 * {@code pay}, see {@link HttpRoutes}. If that refuses the connection, a request that may
 * be made twice goes to the next owner, once; either way the instance is probed at once.
 * Thread-safe.
 */
public final class HttpBackendInterceptor implements ClientHttpRequestInterceptor {

	private final HttpRoutes routes;

	HttpBackendInterceptor(HttpRoutes routes) {
		this.routes = routes;
	}

	/**
	 * {@inheritDoc}
	 * @throws dev.backend.ServiceNotFoundException if the host is no known service, or
	 * none of its instances is usable
	 */
	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		List<HttpService> candidates = this.routes.candidates(request.getURI(), request.getMethod(),
				request.getHeaders(), request.getAttributes());
		HttpService owner = candidates.get(0);
		try {
			return execute(execution, request, owner, body);
		}
		catch (IOException ex) {
			if (!HttpRoutes.refused(ex)) {
				throw ex;
			}
			owner.probe();
			if (candidates.size() == 1) {
				throw ex;
			}
			return execute(execution, request, candidates.get(1), body);
		}
	}

	private static ClientHttpResponse execute(ClientHttpRequestExecution execution, HttpRequest request,
			HttpService service, byte[] body) throws IOException {
		try {
			ClientHttpResponse response = execution.execute(new Routed(request, service), body);
			RequestOutcome.answered(service, response.getStatusCode().value());
			return response;
		}
		catch (IOException ex) {
			RequestOutcome.failed(service, ex);
			throw ex;
		}
	}

	/** A request at an instance. */
	private static final class Routed extends HttpRequestWrapper {

		private final URI uri;

		Routed(HttpRequest request, HttpService service) {
			super(request);
			this.uri = HttpRoutes.at(service, request.getURI());
		}

		@Override
		public URI getURI() {
			return this.uri;
		}

	}

}
