package dev.backend.autoconfigure.readme;

import java.util.Map;

import dev.backend.autoconfigure.discovery.BackendConnectionDetails;

import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

@TestConfiguration(proxyBeanMethods = false)
class LocalServers {

	/** Such as the ports that Testcontainers has mapped, by the ids of the instances. */
	private final Map<String, Integer> ports;

	LocalServers(Map<String, Integer> ports) {
		this.ports = ports;
	}

	@Bean
	BackendConnectionDetails localServers() {
		return (service) -> this.ports.containsKey(service.id())
				? service.withAddress("127.0.0.1", this.ports.get(service.id())) : service;
	}

}
