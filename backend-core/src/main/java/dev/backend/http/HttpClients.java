package dev.backend.http;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * What the clients of instances are made from. Classes in place of lambda expressions:
 * those would load Spring's, which need not be there, before anybody asks for a client.
 *
 * @param rest returns a builder of its own at each call
 * @param web returns a builder of its own at each call
 */
record HttpClients(Supplier<RestClient.Builder> rest, Supplier<WebClient.Builder> web) {

	static HttpClients defaults() {
		return new HttpClients(new JdkRestClients(), new ReactorWebClients());
	}

	HttpClients withRest(Supplier<RestClient.Builder> rest) {
		return new HttpClients(rest, this.web);
	}

	HttpClients withWeb(Supplier<WebClient.Builder> web) {
		return new HttpClients(this.rest, web);
	}

	/** All instances of a backend share one HTTP client of the JDK, and its thread. */
	private static final class JdkRestClients implements Supplier<RestClient.Builder> {

		private final AtomicReference<RestClient.@Nullable Builder> prototype = new AtomicReference<>();

		@Override
		public RestClient.Builder get() {
			RestClient.Builder known = this.prototype.get();
			if (known == null) {
				known = Defaults.rest();
				this.prototype.set(known);
			}
			return known.clone();
		}

	}

	/** All instances of a backend share the global resources of Reactor Netty. */
	private static final class ReactorWebClients implements Supplier<WebClient.Builder> {

		@Override
		public WebClient.Builder get() {
			return Defaults.web();
		}

	}

	/** Verified, and so its Spring classes loaded, when the first client is made. */
	private static final class Defaults {

		static RestClient.Builder rest() {
			return RestClient.builder().requestFactory(new JdkClientHttpRequestFactory());
		}

		static WebClient.Builder web() {
			return WebClient.builder().clientConnector(new ReactorClientHttpConnector());
		}

	}

}
