package dev.backend.autoconfigure.http;

import java.util.List;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisServiceRegistry;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The servers register in a real Redis, the Spring Boot application by itself.
 */
class NginxRedisTests extends AbstractNginxTests {

	private final RedisServer redis = RedisServer.started();

	private final LettuceConnectionFactory connections = new LettuceConnectionFactory("127.0.0.1", this.redis.port());

	private final RedisServiceRegistry registry = registry();

	private RedisServiceRegistry registry() {
		this.connections.start();
		return new RedisServiceRegistry(this.connections, RedisRegistrySettings.defaults("shops"));
	}

	@Override
	int requests() {
		return 100_000;
	}

	@Override
	void closeRegistry() {
		this.registry.close();
		this.connections.destroy();
		this.redis.close();
	}

	@Override
	void register(String id, int port) {
		this.registry.register(ServiceConfig.http("pay", id, "127.0.0.1", port));
	}

	@Override
	List<String> properties() {
		return List.of("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + this.redis.port(),
				"backend.discovery.redis.key=shops");
	}

	@Override
	List<String> serverProperties() {
		return List.of("backend.registration.enabled=true", "backend.registration.scheme=http",
				"backend.registration.id=" + BOOT, "backend.registration.address=127.0.0.1");
	}

}
