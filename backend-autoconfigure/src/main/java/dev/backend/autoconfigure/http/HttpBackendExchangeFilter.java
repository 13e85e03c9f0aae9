package dev.backend.autoconfigure.http;

import java.util.List;

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

	private final HttpRoutes routes;

	HttpBackendExchangeFilter(HttpRoutes routes) {
		this.routes = routes;
	}

	/**
	 * {@inheritDoc} Fails with {@link dev.backend.ServiceNotFoundException} if the host
	 * is no known service, or none of its instances is usable.
	 */
	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		return Mono.defer(() -> {
			List<HttpService> candidates = this.routes.candidates(request.url(), request.method(), request.headers(),
					request.attributes());
			HttpService owner = candidates.get(0);
			return exchange(next, owner, request).onErrorResume(HttpRoutes::refused, (ex) -> {
				owner.probe();
				return (candidates.size() == 1) ? Mono.error(ex) : exchange(next, candidates.get(1), request);
			});
		});
	}

	private static Mono<ClientResponse> exchange(ExchangeFunction next, HttpService service, ClientRequest request) {
		return next.exchange(at(service, request))
			.doOnNext((response) -> RequestOutcome.answered(service, response.statusCode().value()))
			.doOnError((failure) -> RequestOutcome.failed(service, failure));
	}

	private static ClientRequest at(HttpService service, ClientRequest request) {
		return ClientRequest.from(request).url(HttpRoutes.at(service, request.url())).build();
	}

}
