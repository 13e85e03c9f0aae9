package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.SslBundleContext;
import dev.backend.autoconfigure.fleet.FilterShare;
import dev.backend.autoconfigure.fleet.Fleet;
import dev.backend.autoconfigure.fleet.FleetBeans;
import dev.backend.autoconfigure.fleet.FleetBuilderConfigurer;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.fleet.SharedThreads;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpSettings;
import dev.backend.http.HttpTls;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Lazy;

/**
 * Gives the builder of an {@link HttpBackend} what properties and beans say of its fleet,
 * and then lets the customizers have it.
 */
@Lazy
final class HttpBackendBuilderConfigurer {

	private final FleetBuilderConfigurer common;

	private final Fleets<HttpBackendProperties> fleets;

	private final ObjectProvider<SslBundles> bundles;

	private final ConfigurableListableBeanFactory beanFactory;

	/** Of all fleets; there are none until one starts. */
	private final SharedThreads threads = new SharedThreads("backend-http", SharedThreads.defaultEventLoops(),
			SharedThreads.DEFAULT_HANDLER_THREADS);

	HttpBackendBuilderConfigurer(FleetBuilderConfigurer common, Fleets<HttpBackendProperties> fleets,
			ObjectProvider<SslBundles> bundles, ConfigurableListableBeanFactory beanFactory) {
		this.common = common;
		this.fleets = fleets;
		this.bundles = bundles;
		this.beanFactory = beanFactory;
	}

	/**
	 * Configures a builder.
	 * @param builder the builder
	 * @param fleetName the name of the fleet, or {@code null} for what stands above all
	 * fleets
	 * @return the builder
	 */
	HttpBackend.Builder configure(HttpBackend.Builder builder, @Nullable String fleetName) {
		Fleet<HttpBackendProperties> fleet = this.fleets.get(fleetName);
		this.common.configure(builder, this.fleets, fleet, HttpBackendProperties::toConsistentHash, FilterShare.HTTP);
		FleetBeans beans = new FleetBeans(this.beanFactory, this.fleets.names());
		HttpSettings settings = beans.find(HttpSettings.class, fleetName);
		builder.settings((settings != null) ? settings : fleet.make(HttpBackendProperties::toSettings));
		if (fleetName != null) {
			builder.threads(this.threads);
		}
		HttpTls tls = tls(beans, fleet);
		if (tls != null) {
			builder.tls(tls);
		}
		beans.all(HttpBackendBuilderCustomizer.class, fleetName).forEach((customizer) -> customizer.customize(builder));
		return builder;
	}

	private @Nullable HttpTls tls(FleetBeans beans, Fleet<HttpBackendProperties> fleet) {
		HttpTls own = beans.find(HttpTls.class, fleet.name());
		HttpBackendProperties.Ssl ssl = fleet.properties().ssl();
		if (own != null || !ssl.isEnabled()) {
			return own;
		}
		return new HttpTls(
				SslBundleContext.of(fleet.propertyName("ssl.bundle"), ssl.bundle(), this.bundles, HttpTls.class),
				ssl.verifyHostname());
	}

}
