package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.BackendLifecycle;
import dev.backend.autoconfigure.ConditionalOnSsl;
import dev.backend.autoconfigure.SslBundleContext;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.fleet.FleetBuilderConfigurer;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpSettings;
import dev.backend.http.HttpTls;
import reactor.netty.http.client.HttpClient;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;

/**
 * Auto-configuration of {@link HttpBackend}, where {@code backend.http.enabled} asks for
 * one: it probes every HTTP instance that discovery lists.
 */
@AutoConfiguration(after = { DiscoveryAutoConfiguration.class, SslAutoConfiguration.class })
@ConditionalOnClass(HttpClient.class)
@ConditionalOnBooleanProperty("backend.http.enabled")
@EnableConfigurationProperties(HttpBackendProperties.class)
@Import({ FleetBuilderConfigurer.class, HttpBackendBuilderConfigurer.class, HttpSettingsConfiguration.class })
public final class HttpBackendAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnSsl("backend.http.ssl")
	HttpTls httpTls(HttpBackendProperties properties, ObjectProvider<SslBundles> bundles) {
		HttpBackendProperties.Ssl ssl = properties.ssl();
		return new HttpTls(SslBundleContext.of("backend.http.ssl.bundle", ssl.bundle(), bundles, HttpTls.class),
				ssl.verifyHostname());
	}

	@Bean(destroyMethod = "")
	@ConditionalOnMissingBean
	HttpBackend httpBackend(HttpBackend.Builder builder) {
		return builder.build();
	}

	@Bean
	@ConditionalOnMissingBean(name = "httpBackendLifecycle", search = SearchStrategy.CURRENT)
	BackendLifecycle httpBackendLifecycle(ObjectProvider<HttpBackend> backends, HttpBackendProperties properties) {
		return new BackendLifecycle(backends, "http", properties.awaitReady());
	}

	@Bean
	@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
	@ConditionalOnMissingBean
	HttpBackend.Builder httpBackendBuilder(HttpBackendBuilderConfigurer configurer, HttpBackendProperties properties,
			HttpSettings settings) {
		return configurer.configure(HttpBackend.builder(), properties, settings);
	}

}
