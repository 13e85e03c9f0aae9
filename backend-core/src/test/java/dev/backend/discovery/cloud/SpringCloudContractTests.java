package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.discovery.DiscoveryContract;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.test.SlowTest;

import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;

/**
 * A discovery client of Spring Cloud does as every source does.
 */
@SlowTest
class SpringCloudContractTests extends DiscoveryContract {

	@Override
	protected Registry registry() {
		return new StubRegistry();
	}

	private static final class StubRegistry implements Registry {

		private final StubClient client = new StubClient();

		private List<ServiceInstance> listed = List.of();

		private boolean hostile;

		@Override
		public ServiceDiscovery open(InstanceRules rules) {
			return SpringCloudServiceDiscovery.of(this.client, new SpringCloudDiscoverySettings(Set.of(),
					Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofSeconds(1), 1000, rules));
		}

		@Override
		public void list(String... ids) {
			List<ServiceInstance> instances = new ArrayList<>();
			for (String id : ids) {
				instances.add(instance(id));
			}
			this.listed = instances;
			answer();
		}

		@Override
		public void fail() {
			this.client.failure = "services";
		}

		@Override
		public void answerInPart() {
			this.client.failure = "lazy";
		}

		@Override
		public void recover() {
			this.client.failure = "";
		}

		@Override
		public void addHostile() {
			this.hostile = true;
			answer();
		}

		@Override
		public boolean throwError() {
			this.client.failOnce = true;
			return true;
		}

		@Override
		public void close() {
			this.client.gate.countDown();
		}

		private void answer() {
			List<ServiceInstance> all = new ArrayList<>(this.listed);
			if (this.hostile) {
				all.add(new DefaultServiceInstance("hostile\n", "game", "10.0.0.1:6379/any?x=", 7001, false,
						Map.of("scheme", "tcp")));
			}
			this.client.services.put("game", all);
		}

		private static ServiceInstance instance(String id) {
			return new DefaultServiceInstance(id, "game", "127.0.0.1", 7000 + id.charAt(0), false,
					Map.of("scheme", "tcp"));
		}

	}

}
