package dev.backend.autoconfigure.support;

import java.net.URI;
import java.time.Duration;
import java.util.function.UnaryOperator;

import dev.backend.autoconfigure.http.HttpBackendExchangeFilter;
import dev.backend.autoconfigure.http.HttpBackendRequestFactories;
import dev.backend.autoconfigure.http.HttpRoutes;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The client libraries that Spring Boot knows, below a {@code RestClient} or a
 * {@code WebClient} that the rings lead.
 */
public enum HttpLibrary {

	/** Each below a {@code RestClient}. */
	REST_HTTP_COMPONENTS(ClientHttpRequestFactoryBuilder.httpComponents()),

	REST_JETTY(ClientHttpRequestFactoryBuilder.jetty()),

	REST_REACTOR(ClientHttpRequestFactoryBuilder.reactor()),

	REST_JDK(ClientHttpRequestFactoryBuilder.jdk()),

	REST_SIMPLE(ClientHttpRequestFactoryBuilder.simple()),

	/** Each below a {@code WebClient}. */
	WEB_HTTP_COMPONENTS(ClientHttpConnectorBuilder.httpComponents()),

	WEB_JETTY(ClientHttpConnectorBuilder.jetty()),

	WEB_REACTOR(ClientHttpConnectorBuilder.reactor()),

	WEB_JDK(ClientHttpConnectorBuilder.jdk());

	private static final Duration LONG = Duration.ofSeconds(20);

	private final @Nullable ClientHttpRequestFactoryBuilder<?> rest;

	private final @Nullable ClientHttpConnectorBuilder<?> web;

	HttpLibrary(ClientHttpRequestFactoryBuilder<?> rest) {
		this.rest = rest;
		this.web = null;
	}

	HttpLibrary(ClientHttpConnectorBuilder<?> web) {
		this.rest = null;
		this.web = web;
	}

	/**
	 * Makes a caller of the service pay.
	 * @param context has the beans that lead its requests
	 * @param connectTimeout how long a connect may take
	 * @param detour changes where a request goes that was led
	 */
	public Caller caller(ApplicationContext context, Duration connectTimeout, UnaryOperator<URI> detour) {
		HttpClientSettings settings = HttpClientSettings.defaults()
			.withConnectTimeout(connectTimeout)
			.withReadTimeout(LONG);
		if (this.rest != null) {
			ClientHttpRequestFactory library = this.rest.build(settings);
			return rest(RestClient.builder()
				.requestFactory(context.getBean(HttpBackendRequestFactories.class)
					.wrap((uri, method) -> library.createRequest(detour.apply(uri), method)))
				.build());
		}
		if (this.web != null) {
			ClientHttpConnector library = this.web.build(settings);
			return web(WebClient.builder()
				.clientConnector((method, uri, callback) -> library.connect(method, detour.apply(uri), callback))
				.filter(context.getBean(HttpBackendExchangeFilter.class))
				.build());
		}
		throw new IllegalStateException(name());
	}

	private static Caller rest(RestClient client) {
		return (method, key, body) -> {
			RestClient.RequestBodySpec request = client.method(method)
				.uri("http://pay/orders")
				.attribute(HttpRoutes.KEY_ATTRIBUTE, key);
			return String.valueOf(((body != null) ? request.body(body) : request).retrieve().body(String.class));
		};
	}

	private static Caller web(WebClient client) {
		return (method, key, body) -> {
			WebClient.RequestBodySpec request = client.method(method)
				.uri("http://pay/orders")
				.attribute(HttpRoutes.KEY_ATTRIBUTE, key);
			return String.valueOf(((body != null) ? request.bodyValue(body) : request).retrieve()
				.bodyToMono(String.class)
				.block(LONG));
		};
	}

	/** Calls the service pay. */
	public interface Caller {

		/** Returns the body of the answer. */
		String call(HttpMethod method, String key, @Nullable String body);

	}

}
