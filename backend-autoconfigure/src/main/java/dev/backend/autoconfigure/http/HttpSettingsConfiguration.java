package dev.backend.autoconfigure.http;

import dev.backend.http.HttpBackend;
import dev.backend.http.HttpSettings;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * The settings that the properties make, unless the application has its own, and what
 * keeps them up to date where Spring Cloud tells of changes.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(HttpSettings.class)
class HttpSettingsConfiguration {

	@Bean
	HttpSettings httpSettings(HttpBackendProperties properties) {
		return properties.toSettings();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(EnvironmentChangeEvent.class)
	static class RefreshConfiguration {

		@Bean
		HttpSettingsRefresh httpSettingsRefresh(HttpSettings settings, Environment environment,
				ObjectProvider<HttpBackend> backends) {
			return new HttpSettingsRefresh(settings, environment, backends);
		}

	}

}
