package dev.backend.autoconfigure.http;

import java.util.function.Supplier;

import dev.backend.Route;
import dev.backend.http.HttpGroup;
import dev.backend.http.HttpService;
import reactor.core.publisher.Mono;

import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;

/**
 * Sends the requests of a {@code WebClient} to the instance that owns their key, as
 * {@link HttpBackendInterceptor} does for others. Thread-safe.
 */
public final class HttpBackendExchangeFilter implements ExchangeFilterFunction {

	private final Supplier<HttpRoutes> routes;

	private final ServiceHosts hosts;

	/**
	 * Leads the requests to some hosts.
	 * @param routes returns how; first asked when there is such a request
	 * @param hosts the hosts; requests to others pass
	 */
	HttpBackendExchangeFilter(Supplier<HttpRoutes> routes, ServiceHosts hosts) {
		this.routes = routes;
		this.hosts = hosts;
	}

	/**
	 * {@inheritDoc} Fails with {@link dev.backend.ServiceNotFoundException} if the host
	 * is no known service, or none of its instances is usable.
	 */
	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		if (!this.hosts.test(request.url()) || RoutedWebRequest.is(request)) {
			return next.exchange(request);
		}
		return Mono.defer(() -> exchange(request, next));
	}

	private Mono<ClientResponse> exchange(ClientRequest request, ExchangeFunction next) {
		HttpRoutes routes = this.routes.get();
		HttpGroup group = routes.group(request.url());
		Route route = routes.route(request.headers(), request.attributes());
		HttpService owner = group.select(route);
		return exchange(next, request, owner).onErrorResume((ex) -> {
			EjectionFeedback.failed(owner, ex);
			HttpService other = HttpRoutes.next(ex, request.method(), group, route, owner);
			return (other != null)
					? exchange(next, request, other).doOnError((failure) -> EjectionFeedback.failed(other, failure))
					: Mono.error(ex);
		});
	}

	private static Mono<ClientResponse> exchange(ExchangeFunction next, ClientRequest request, HttpService service) {
		return next.exchange(new RoutedWebRequest(request, service))
			.doOnNext((response) -> EjectionFeedback.answered(service, response.statusCode().value()));
	}

}
