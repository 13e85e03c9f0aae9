package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.util.function.Supplier;

import dev.backend.Route;
import dev.backend.http.HttpGroup;
import dev.backend.http.HttpService;

import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Sends the requests of a {@code RestClient} or {@code RestTemplate} to the instance that
 * owns their key: {@code http://pay/orders} goes to an instance of the service
 * {@code pay}, see {@link HttpRoutes}. If that refuses the connection, a request that may
 * be made twice goes to the next owner, once; either way the instance is probed at once.
 * A request that another of these has led already passes. Thread-safe.
 */
public final class HttpBackendInterceptor implements ClientHttpRequestInterceptor {

	private final Supplier<HttpRoutes> routes;

	private final ServiceHosts hosts;

	/**
	 * Leads the requests to some hosts.
	 * @param routes returns how; first asked when there is such a request
	 * @param hosts the hosts; requests to others pass
	 */
	HttpBackendInterceptor(Supplier<HttpRoutes> routes, ServiceHosts hosts) {
		this.routes = routes;
		this.hosts = hosts;
	}

	/**
	 * {@inheritDoc}
	 * @throws dev.backend.ServiceNotFoundException if the host is no known service, or
	 * none of its instances is usable
	 */
	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		if (!this.hosts.test(request.getURI()) || RoutedRestRequest.is(request)) {
			return execution.execute(request, body);
		}
		HttpRoutes routes = this.routes.get();
		HttpGroup group = routes.group(request.getURI());
		Route route = routes.route(request.getHeaders(), request.getAttributes());
		HttpService owner = group.select(route);
		try {
			return execute(execution, request, owner, body);
		}
		catch (IOException ex) {
			HttpService next = HttpRoutes.next(ex, request.getMethod(), group, route, owner);
			if (next == null) {
				throw ex;
			}
			return execute(execution, request, next, body);
		}
	}

	private static ClientHttpResponse execute(ClientHttpRequestExecution execution, HttpRequest request,
			HttpService service, byte[] body) throws IOException {
		try {
			ClientHttpResponse response = execution.execute(new RoutedRestRequest(request, service), body);
			EjectionFeedback.answered(service, status(response));
			return response;
		}
		catch (IOException ex) {
			EjectionFeedback.failed(service, ex);
			throw ex;
		}
	}

	/** Whoever gets no response cannot close it. */
	private static int status(ClientHttpResponse response) throws IOException {
		try {
			return response.getStatusCode().value();
		}
		catch (IOException | RuntimeException ex) {
			response.close();
			throw ex;
		}
	}

}
