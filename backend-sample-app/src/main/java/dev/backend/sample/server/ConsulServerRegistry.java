package dev.backend.sample.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.backend.ServiceConfig;
import dev.backend.discovery.InstanceFilter;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.cloud.consul.ConsulProperties;
import org.springframework.cloud.consul.discovery.ConsulDiscoveryProperties;
import org.springframework.cloud.consul.model.http.agent.NewService;
import org.springframework.cloud.consul.serviceregistry.ConsulRegistration;
import org.springframework.cloud.consul.serviceregistry.ConsulServiceRegistry;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * Registers servers by Spring Cloud Consul. The agent looks every second whether they
 * still listen.
 */
@Component
@Profile("consul")
class ConsulServerRegistry implements ServerRegistry {

	private static final int PATIENCE_MILLIS = 2000;

	private final ConsulServiceRegistry registry;

	private final ConsulDiscoveryProperties properties;

	private final ConsulProperties agent;

	ConsulServerRegistry(ConsulServiceRegistry registry, ConsulDiscoveryProperties properties, ConsulProperties agent) {
		this.registry = registry;
		this.properties = properties;
		this.agent = agent;
	}

	@Override
	public Entry register(ServiceConfig config) {
		requireAgent();
		ConsulRegistration registration = new ConsulRegistration(service(config), this.properties);
		this.registry.register(registration);
		return new ConsulEntry(this.registry, registration);
	}

	private void requireAgent() {
		InetSocketAddress address = new InetSocketAddress(this.agent.getHost(), this.agent.getPort());
		try (Socket probe = new Socket()) {
			probe.connect(address, PATIENCE_MILLIS);
		}
		catch (IOException ex) {
			throw new InvalidConfigurationPropertyValueException("spring.cloud.consul.port", this.agent.getPort(),
					"No Consul agent answers on %s:%d (%s). ".formatted(this.agent.getHost(), this.agent.getPort(),
							ex.getMessage())
							+ "Start one there, for example by 'consul agent -dev', or start the sample without the "
							+ "profile consul.");
		}
	}

	private static NewService service(ServiceConfig config) {
		Map<String, String> metadata = new HashMap<>(config.metadata());
		metadata.put("scheme", config.scheme());
		metadata.put(InstanceFilter.METADATA_ROUTER_TAG, String.join(" ", config.tags()));
		NewService.Check check = new NewService.Check();
		check.setTcp(config.address() + ":" + config.port());
		check.setInterval("1s");
		check.setTimeout("1s");
		check.setStatus("passing");
		check.setDeregisterCriticalServiceAfter("1m");
		NewService service = new NewService();
		service.setName(config.name());
		service.setId(config.id());
		service.setAddress(config.address());
		service.setPort(config.port());
		service.setTags(List.copyOf(config.tags()));
		service.setMeta(metadata);
		service.setCheck(check);
		return service;
	}

	private record ConsulEntry(ConsulServiceRegistry registry, ConsulRegistration registration) implements Entry {

		/** Once it has answered, the agent lists what it was told. */
		@Override
		public boolean listed() {
			return true;
		}

		@Override
		public void remove() {
			this.registry.deregister(this.registration);
		}

		@Override
		public void abandon() {
			// The agent finds out by itself.
		}

	}

}
