package dev.backend.sample.server;

import dev.backend.ServiceConfig;
import dev.backend.test.FreePorts;
import org.junit.jupiter.api.Test;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.cloud.consul.ConsulProperties;
import org.springframework.cloud.consul.discovery.ConsulDiscoveryProperties;
import org.springframework.cloud.consul.serviceregistry.ConsulServiceRegistry;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

class ConsulServerRegistryTests {

	private final ConsulServiceRegistry consul = mock();

	private final ConsulDiscoveryProperties properties = mock();

	@Test
	void whenThereIsNoAgentThenTheStartFailsWithTheRemedy() {
		ConsulProperties agent = new ConsulProperties();
		agent.setHost("127.0.0.1");
		agent.setPort(FreePorts.one());
		ConsulServerRegistry registry = new ConsulServerRegistry(this.consul, this.properties, agent);
		assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> registry.register(ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001)))
			.withMessageContaining("No Consul agent answers on 127.0.0.1:" + agent.getPort())
			.withMessageContaining("consul agent -dev");
		then(this.consul).shouldHaveNoInteractions();
	}

}
