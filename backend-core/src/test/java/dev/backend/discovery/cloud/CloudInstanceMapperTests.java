package dev.backend.discovery.cloud;

import java.util.List;
import java.util.Map;

import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.Test;

import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An instance of Spring Cloud becomes one of ours.
 */
class CloudInstanceMapperTests {

	@Test
	void anInstanceIsMappedWithItsSchemeTagsAndMetadata() {
		assertThat(map(false, Map.of())).returns("", DiscoveredInstance::scheme)
			.returns("game", DiscoveredInstance::name)
			.returns("127.0.0.1:7001", DiscoveredInstance::id)
			.returns(List.of(), DiscoveredInstance::tags);
		assertThat(map(true, Map.of()).scheme()).isEqualTo("https");
		assertThat(map(true, Map.of("scheme", "tcp", "tags", "eu, us")))
			.isEqualTo(new DiscoveredInstance("game", "127.0.0.1:7001", "tcp", "127.0.0.1", 7001, List.of("eu", "us"),
					Map.of("scheme", "tcp", "tags", "eu, us")));
		ServiceInstance v6 = new DefaultServiceInstance("g", "", "[::1]", 1, false, null);
		assertThat(CloudInstanceMapper.map("game", v6)).returns("::1", DiscoveredInstance::address)
			.returns("game", DiscoveredInstance::name);
	}

	private static DiscoveredInstance map(boolean secure, Map<String, String> metadata) {
		return CloudInstanceMapper.map("game",
				new DefaultServiceInstance(null, "game", "127.0.0.1", 7001, secure, metadata));
	}

}
