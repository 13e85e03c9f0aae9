package dev.backend.discovery.cloud;

import java.net.URI;
import java.util.List;
import java.util.Map;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceRules;
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

	@Test
	void whenAUriHasNoPortThenItIsThatOfItsScheme() {
		assertThat(CloudInstanceMapper.map("pay", at("http://pay.internal"))).returns(80, DiscoveredInstance::port)
			.returns("pay.internal:80", DiscoveredInstance::id);
		assertThat(CloudInstanceMapper.map("pay", at("https://pay.internal"))).returns(443, DiscoveredInstance::port)
			.returns("https", DiscoveredInstance::scheme);
		assertThat(CloudInstanceMapper.map("pay", at("https://pay.internal:8443")).port()).isEqualTo(8443);
		ServiceInstance secure = new DefaultServiceInstance("p-1", "pay", "pay.internal", 0, false,
				Map.of("scheme", "HTTPS"));
		assertThat(CloudInstanceMapper.map("pay", secure).port()).isEqualTo(443);
	}

	@Test
	void whenAnInstanceOfTcpHasNoPortThenItIsRefused() {
		ServiceInstance instance = new DefaultServiceInstance("g-1", "game", "127.0.0.1", -1, false,
				Map.of("scheme", "tcp"));
		assertThat(InstanceRules.defaults().allow(CloudInstanceMapper.map("game", instance))).isFalse();
	}

	@Test
	void theNameIsTheOneThatWasAskedFor() {
		ServiceInstance instance = new DefaultServiceInstance("g-1", "GAME", "127.0.0.1", 7001, false);
		assertThat(CloudInstanceMapper.map("game", instance).name()).isEqualTo("game");
	}

	private static ServiceInstance at(String uri) {
		DefaultServiceInstance instance = new DefaultServiceInstance(null, "pay", "", 0, false);
		instance.setUri(URI.create(uri));
		return instance;
	}

	private static DiscoveredInstance map(boolean secure, Map<String, String> metadata) {
		return CloudInstanceMapper.map("game",
				new DefaultServiceInstance(null, "game", "127.0.0.1", 7001, secure, metadata));
	}

}
