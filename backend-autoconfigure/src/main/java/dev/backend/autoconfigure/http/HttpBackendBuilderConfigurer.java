package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.fleet.FilterShare;
import dev.backend.autoconfigure.fleet.FleetBuilderConfigurer;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpSettings;
import dev.backend.http.HttpTls;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Lazy;

/**
 * Gives the builder of an {@link HttpBackend} what properties and beans say, and then
 * lets the customizers have it.
 */
@Lazy
final class HttpBackendBuilderConfigurer {

	private final FleetBuilderConfigurer fleet;

	private final ObjectProvider<HttpTls> tls;

	private final ObjectProvider<HttpBackendBuilderCustomizer> customizers;

	HttpBackendBuilderConfigurer(FleetBuilderConfigurer fleet, ObjectProvider<HttpTls> tls,
			ObjectProvider<HttpBackendBuilderCustomizer> customizers) {
		this.fleet = fleet;
		this.tls = tls;
		this.customizers = customizers;
	}

	HttpBackend.Builder configure(HttpBackend.Builder builder, HttpBackendProperties properties,
			HttpSettings settings) {
		this.fleet.configure(builder, properties::toConsistentHash, FilterShare.HTTP);
		builder.settings(settings);
		this.tls.ifAvailable(builder::tls);
		this.customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
		return builder;
	}

}
