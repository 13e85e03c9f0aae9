package dev.backend.http;

import java.util.List;
import java.util.Objects;

import dev.backend.fleet.CompositeListener;
import dev.backend.fleet.FleetBuilder;
import dev.backend.fleet.ServiceBackend;
import org.jspecify.annotations.Nullable;

/**
 * The fleets that an application talks to over HTTP: probes every instance that discovery
 * lists, and finds the one that a key, an id or a tag leads to. The request itself is
 * made by an HTTP client.
 *
 * <p>
 * Safe for use by any thread. Look-ups take no lock and never block.
 *
 * <pre class="code">
 * try (HttpBackend backend = HttpBackend.builder().discovery(discovery).build()) {
 *     backend.start();
 *     URI orders = backend.select("pay", Route.hash(userId)).uri("/orders");
 * }
 * </pre>
 */
public final class HttpBackend extends ServiceBackend<HttpService, HttpGroup> {

	private HttpBackend(HttpLifecycle lifecycle) {
		super(lifecycle);
	}

	/**
	 * Returns a builder with the defaults.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Builds a {@link HttpBackend}. Not safe for use by several threads.
	 */
	public static final class Builder extends FleetBuilder<Builder> {

		private HttpSettings settings = HttpSettings.defaults();

		private @Nullable HttpTls tls;

		private Builder() {
			super("backend-http", List.of("http", "https"));
		}

		@Override
		protected Builder self() {
			return this;
		}

		/**
		 * Sets what is probed, how often, and what that means.
		 * @param settings the settings
		 * @return this builder
		 */
		public Builder settings(HttpSettings settings) {
			this.settings = Objects.requireNonNull(settings, "settings");
			return this;
		}

		/**
		 * Sets keys and trust for the GET probes of instances with the scheme https; by
		 * default as the JVM trusts, with host names verified. A probe that only connects
		 * needs none.
		 * @param tls keys, trust and what the instance must prove
		 * @return this builder
		 */
		public Builder tls(HttpTls tls) {
			this.tls = Objects.requireNonNull(tls, "tls");
			return this;
		}

		/**
		 * Builds the backend, not started.
		 * @return the backend
		 * @throws IllegalStateException if there is no discovery
		 */
		public HttpBackend build() {
			HttpTransport transport = new HttpTransport(name(), eventLoops(), this.tls);
			return new HttpBackend(new HttpLifecycle(this, transport, this.settings, consistentHash(),
					new CompositeListener(listeners())));
		}

	}

}
