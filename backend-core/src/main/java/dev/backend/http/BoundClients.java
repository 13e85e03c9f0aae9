package dev.backend.http;

import java.io.IOException;

import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.util.DefaultUriBuilderFactory;

/**
 * Binds HTTP clients to an instance. Loaded when the first one is made, so nobody else
 * needs Spring's classes.
 */
final class BoundClients {

	private BoundClients() {
	}

	static RestClient rest(RestClient.Builder builder, HttpService service) {
		return builder.uriBuilderFactory(base(service)).requestInterceptor(probing(service)).build();
	}

	static WebClient web(WebClient.Builder builder, HttpService service) {
		return builder.uriBuilderFactory(base(service))
			.filter((request, next) -> next.exchange(request)
				.doOnError(WebClientRequestException.class, (ex) -> service.probe()))
			.build();
	}

	/** Whatever base the builder has gives way to the address of the instance. */
	private static DefaultUriBuilderFactory base(HttpService service) {
		return new DefaultUriBuilderFactory(service.uri().toString());
	}

	private static ClientHttpRequestInterceptor probing(HttpService service) {
		return (request, body, execution) -> {
			try {
				return execution.execute(request, body);
			}
			catch (IOException ex) {
				service.probe();
				throw ex;
			}
		};
	}

}
