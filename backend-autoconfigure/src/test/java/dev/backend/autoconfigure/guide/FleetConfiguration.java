package dev.backend.autoconfigure.guide;

import java.util.List;

import dev.backend.ServiceConfig;
import dev.backend.ServiceInfoFactory;
import dev.backend.discovery.InstanceFilter;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class FleetConfiguration {

	@Bean
	ServiceInfoFactory sessions() {
		return (config) -> new Session();
	}

	@Bean
	InstanceFilter filter() {
		InstanceFilter standard = InstanceFilter.forSchemes(List.of(ServiceConfig.SCHEME_TCP));
		return (instance) -> "2".equals(instance.metadata().get("protocol")) ? standard.map(instance) : null;
	}

}
