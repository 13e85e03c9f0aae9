package dev.backend.discovery.cloud;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.Test;

import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.consul.discovery.ConsulServiceInstance;
import org.springframework.cloud.consul.model.http.health.HealthService;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an answer says of one service.
 */
class CloudContentTests {

	@Test
	void idsThatSeveralNodesOfConsulHaveAllBecomeThoseOfTheNode() {
		assertThat(ids(consul("game-7001", "node-a"), consul("Game-7001", "node b"), consul("game-7002", "node-a")))
			.containsExactly("game-7001@node-a", "Game-7001@node+b", "game-7002");
		assertThat(ids(consul("game-7001", "node-a"))).containsExactly("game-7001");
	}

	@Test
	void whenTheNodeIsNotKnownThenIdsStayAsTheyAre() {
		assertThat(ids(consul("game-7001", ""), new DefaultServiceInstance("game-7001", "game", "10.0.0.2", 1, false)))
			.containsExactly("game-7001", "game-7001");
	}

	@Test
	void theTagsOfConsulAreTaken() {
		assertThat(content(consul("game-7001", "node-a")).instances()).first()
			.returns(List.of("eu"), DiscoveredInstance::tags);
	}

	@Test
	void whatAnInstanceThrowsForgesNoLine() {
		ServiceInstance hostile = new DefaultServiceInstance("g-1", "game", "127.0.0.1", 7001, false) {

			@Override
			public Map<String, String> getMetadata() {
				throw new IllegalArgumentException("bad\n12:00 INFO all is well");
			}

		};
		CloudContent content = content(hostile);
		assertThat(content.malformed()).isOne();
		assertThat(content.problems()).singleElement()
			.asString()
			.contains("bad\\n12:00 INFO")
			.doesNotContain("\n")
			.startsWith("'g-1' of service 'game'");
	}

	@Test
	void whatHasNoIdIsToldOfByItsAddress() {
		ServiceInstance instance = new DefaultServiceInstance(null, "game", "127.0.0.1", 70_000, false);
		assertThat(content(instance).problems()).singleElement().asString().startsWith("'127.0.0.1:70000' of service");
	}

	private static CloudContent content(ServiceInstance... instances) {
		return CloudContent.of("game", Arrays.asList(instances));
	}

	private static List<String> ids(ServiceInstance... instances) {
		return content(instances).instances().stream().map(DiscoveredInstance::id).toList();
	}

	private static ServiceInstance consul(String id, String node) {
		HealthService.Service service = new HealthService.Service();
		service.setId(id);
		service.setService("game");
		service.setAddress("10.0.0.1");
		service.setPort(7001);
		service.setTags(List.of("eu"));
		HealthService.Node where = new HealthService.Node();
		where.setNode(node);
		HealthService health = new HealthService();
		health.setService(service);
		health.setNode(where);
		return new ConsulServiceInstance(health, "game");
	}

}
