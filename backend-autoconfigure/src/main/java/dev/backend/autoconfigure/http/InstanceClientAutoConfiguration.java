package dev.backend.autoconfigure.http;

import dev.backend.http.HttpBackend;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration of the clients of instances: from what Spring Boot makes its
 * builders from, so that converters, time-outs, TLS and observation are the
 * application's, or from Spring's defaults without Spring Boot's modules.
 */
@AutoConfiguration(after = HttpBackendAutoConfiguration.class,
		afterName = { "org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration",
				"org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration" })
@ConditionalOnBean(HttpBackend.class)
@Import({ InstanceClientConfigurations.BootRestClients.class, InstanceClientConfigurations.PlainRestClients.class,
		InstanceClientConfigurations.BootWebClients.class, InstanceClientConfigurations.PlainWebClients.class })
public final class InstanceClientAutoConfiguration {

}
