package dev.backend.http;

import java.util.List;
import java.util.Objects;

import dev.backend.fleet.CompositeListener;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetBuilder;
import dev.backend.fleet.ProtocolRunFactory;
import dev.backend.routing.ConsistentHash;
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
public final class HttpBackend extends FleetBackend<HttpService, HttpGroup> {

	private final HttpContext context;

	private HttpBackend(FleetBuilder<?> builder, HttpContext context,
			ProtocolRunFactory<HttpService, HttpGroup> factory) {
		super(builder, factory);
		this.context = context;
	}

	/**
	 * Returns a builder with the defaults.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Returns the present settings.
	 * @return the settings
	 */
	public HttpSettings settings() {
		return this.context.settings();
	}

	/**
	 * Changes the settings while running. Each instance is probed in the new way within
	 * one new interval. Ejections that are under way last as long as they were to last,
	 * unless ejection is switched off or fewer may be ejected at once. The number of
	 * concurrent probes stays as it was at the start.
	 * @param settings the new settings
	 */
	public void settings(HttpSettings settings) {
		this.context.settings(Objects.requireNonNull(settings, "settings"));
		forEachService(HttpService::settingsChanged);
	}

	/**
	 * Returns how often an instance was ejected, because requests to it failed.
	 * @return the number since this backend was made
	 */
	public long ejections() {
		return this.context.ejections().sum();
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
			HttpContext context = new HttpContext(this.settings, failureLog());
			return new HttpBackend(this, context, runtimes(context));
		}

		/** With what is set by now, whatever becomes of this builder. */
		private ProtocolRunFactory<HttpService, HttpGroup> runtimes(HttpContext context) {
			ConsistentHash algorithm = consistentHash();
			CompositeListener listener = new CompositeListener(listeners());
			HttpTls tls = this.tls;
			return (loops, executor, handlerThreads, availabilityChanged) -> {
				HttpTransport transport = new HttpTransport(loops, context.settings().probeTimeout(), tls);
				return new HttpRun(algorithm,
						new HttpRuntime(context, transport, listener, executor, availabilityChanged));
			};
		}

	}

}
