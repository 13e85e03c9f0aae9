package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.BackendLifecycle;
import dev.backend.autoconfigure.BackendReadiness;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.fleet.ConditionalOnFleetProperty;
import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.autoconfigure.fleet.FleetBuilderConfigurer;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.http.HttpBackend;
import reactor.netty.http.client.HttpClient;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of {@link HttpBackend}, one per fleet, where
 * {@code backend.http.enabled} or that of a fleet asks for it: it probes every HTTP
 * instance of its services that discovery lists.
 */
@AutoConfiguration(after = { DiscoveryAutoConfiguration.class, SslAutoConfiguration.class })
@ConditionalOnClass(HttpClient.class)
@ConditionalOnFleetProperty(prefix = HttpFleets.PREFIX, name = "enabled")
@EnableConfigurationProperties(HttpBackendProperties.class)
@Import({ FleetBuilderConfigurer.class, HttpBackendBuilderConfigurer.class, HttpBackendRegistrar.class,
		HttpRefreshConfiguration.class })
public final class HttpBackendAutoConfiguration {

	@Bean
	Fleets<HttpBackendProperties> httpFleets(HttpBackendProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory) {
		return HttpFleets.of(new FleetBinder(HttpFleets.PREFIX, environment, beanFactory), properties,
				beanFactory::containsBean);
	}

	@Bean
	@ConditionalOnMissingBean(name = "httpBackendLifecycle", search = SearchStrategy.CURRENT)
	BackendLifecycle httpBackendLifecycle(ObjectProvider<HttpBackend> backends) {
		return new BackendLifecycle(backends);
	}

	@Bean
	BackendReadiness httpBackendReadiness(@Qualifier("httpBackendLifecycle") BackendLifecycle lifecycle,
			Fleets<HttpBackendProperties> fleets) {
		return new BackendReadiness(lifecycle, fleets::awaitReady, fleets::awaitReadyProperty);
	}

	/** Where a parent context has one of the application, that is injected. */
	@Bean
	@Fallback
	@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	HttpBackend.Builder httpBackendBuilder(HttpBackendBuilderConfigurer configurer) {
		return configurer.configure(HttpBackend.builder(), null);
	}

}
