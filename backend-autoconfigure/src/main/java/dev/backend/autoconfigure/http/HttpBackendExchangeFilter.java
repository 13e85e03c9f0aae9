package dev.backend.autoconfigure.http;

import java.util.function.Supplier;

import dev.backend.autoconfigure.http.FleetRoutes.Destination;
import dev.backend.http.HttpService;
import reactor.core.publisher.Mono;

import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;

/**
 * Sends the requests of a {@code WebClient} to the instance that owns their key, as
 * {@link HttpBackendRequestFactories} does for other clients. Thread-safe.
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
	 * is no known service, or none of its instances is usable, and with
	 * {@link IllegalStateException} if the request is to {@code https} and the instance
	 * speaks plain HTTP.
	 */
	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		if (!this.hosts.test(request.url()) || RoutedWebRequest.is(request)) {
			return next.exchange(request);
		}
		return Mono.defer(() -> exchange(request, next));
	}

	private Mono<ClientResponse> exchange(ClientRequest request, ExchangeFunction next) {
		Destination destination = this.routes.get().destination(request.url(), request.headers(), request.attributes());
		HttpService owner = destination.owner();
		RoutedWebRequest toOwner = new RoutedWebRequest(request, owner);
		return exchange(next, toOwner, destination.outcome(owner)).onErrorResume(ConnectFailures::is, (failure) -> {
			owner.probe();
			HttpService other = toOwner.begun() ? null : destination.next();
			return (other != null) ? exchange(next, new RoutedWebRequest(request, other), destination.outcome(other))
					: Mono.error(failure);
		});
	}

	private static Mono<ClientResponse> exchange(ExchangeFunction next, RoutedWebRequest request,
			RequestOutcome outcome) {
		return next.exchange(request).doOnError((failure) -> {
			if (!request.sourceFailed()) {
				outcome.failed(failure);
			}
		}).doOnCancel(outcome::cancelled).map((response) -> judged(response, outcome));
	}

	/** What becomes of the body decides. */
	private static ClientResponse judged(ClientResponse response, RequestOutcome outcome) {
		outcome.answered(response.statusCode().value());
		return response.mutate()
			.body((body) -> body.doOnComplete(outcome::ended).doOnError(outcome::failed).doOnCancel(outcome::ended))
			.build();
	}

}
