package dev.backend.autoconfigure.tcp;

import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpSettings;

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
@ConditionalOnMissingBean(TcpSettings.class)
class TcpSettingsConfiguration {

	@Bean
	TcpSettings tcpSettings(TcpBackendProperties properties) {
		return properties.toSettings();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(EnvironmentChangeEvent.class)
	static class RefreshConfiguration {

		@Bean
		TcpSettingsRefresh tcpSettingsRefresh(TcpSettings settings, Environment environment,
				ObjectProvider<TcpBackend<?>> backends) {
			return new TcpSettingsRefresh(settings, environment, backends);
		}

	}

}
