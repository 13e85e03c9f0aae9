package dev.backend.discovery.cloud;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.LeftOut;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
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
		assertThat(instances(consul("game-7001", "node-a"))).first().returns(List.of("eu"), DiscoveredInstance::tags);
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void whenAClientShufflesThenWhatIsMalformedIsToldOnce(CapturedOutput output) {
		InstanceTable table = new InstanceTable("cloud", InstanceRules.defaults());
		ServiceInstance one = new DefaultServiceInstance("g-1", "game", "", 1, false);
		ServiceInstance other = new DefaultServiceInstance("g-2", "game", "", 1, false);
		for (List<ServiceInstance> answer : List.of(List.of(one, other), List.of(other, one))) {
			CloudContent content = CloudContent.of("game", answer);
			table.update("game", content.entries(), content.more());
		}
		assertThat(output).containsOnlyOnce("are left out");
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void whatAnInstanceThrowsForgesNoLine(CapturedOutput output) {
		ServiceInstance hostile = new DefaultServiceInstance("g-1", "game", "127.0.0.1", 7001, false) {

			@Override
			public Map<String, String> getMetadata() {
				throw new IllegalArgumentException("bad\n12:00 INFO all is well");
			}

		};
		assertThat(counts(hostile)).isEqualTo(new InstanceCounts(0, Map.of(LeftOut.MALFORMED, 1)));
		assertThat(output.getAll().lines()).anyMatch((line) -> line.endsWith("game/g-1: bad\\n12:00 INFO all is well"))
			.noneMatch((line) -> line.startsWith("12:00"));
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void whatHasNoIdIsToldOfByItsAddress(CapturedOutput output) {
		assertThat(counts(new DefaultServiceInstance(null, "game", "127.0.0.1", 70_000, false)).refused()).isOne();
		assertThat(output).contains("game/127.0.0.1:70000: ");
	}

	@Test
	void whatIsListedTwiceCountsAsDuplicate() {
		ServiceInstance instance = new DefaultServiceInstance("g-1", "game", "127.0.0.1", 7001, false);
		assertThat(counts(instance, instance)).isEqualTo(new InstanceCounts(1, Map.of(LeftOut.DUPLICATE, 1)));
	}

	private static InstanceTable table(ServiceInstance... instances) {
		CloudContent content = CloudContent.of("game", Arrays.asList(instances));
		InstanceTable table = new InstanceTable("test", InstanceRules.defaults());
		table.update("game", content.entries(), content.more());
		return table;
	}

	private static InstanceCounts counts(ServiceInstance... instances) {
		return table(instances).counts();
	}

	private static List<DiscoveredInstance> instances(ServiceInstance... instances) {
		return table(instances).instances("game");
	}

	private static List<String> ids(ServiceInstance... instances) {
		return instances(instances).stream().map(DiscoveredInstance::id).toList();
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
