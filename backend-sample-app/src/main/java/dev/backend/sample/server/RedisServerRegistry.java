package dev.backend.sample.server;

import dev.backend.ServiceConfig;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.discovery.redis.Registration;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.annotation.Profile;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.stereotype.Component;

/**
 * Registers servers in Redis. Each one has a way to Redis of its own. Spring's connection
 * factory ends before the servers do, which deregister then: hence one of theirs.
 */
@Component
@Profile("!consul")
class RedisServerRegistry implements ServerRegistry, DisposableBean {

	private final LettuceConnectionFactory redis;

	private final RedisRegistrySettings settings;

	RedisServerRegistry(LettuceConnectionFactory redis, RedisRegistrySettings settings) {
		this.redis = new LettuceConnectionFactory(redis.getStandaloneConfiguration(), redis.getClientConfiguration());
		this.redis.afterPropertiesSet();
		this.settings = settings;
	}

	@Override
	public Entry register(ServiceConfig config) {
		SeverableConnectionFactory severable = new SeverableConnectionFactory(this.redis);
		RedisServiceRegistry registry = new RedisServiceRegistry(severable, this.settings);
		return new RedisEntry(registry, registry.register(config), severable);
	}

	@Override
	public void destroy() {
		this.redis.destroy();
	}

	private record RedisEntry(RedisServiceRegistry registry, Registration registration,
			SeverableConnectionFactory redis) implements Entry {

		@Override
		public boolean listed() {
			return this.registration.registered();
		}

		@Override
		public void remove() {
			this.registry.close();
		}

		@Override
		public void abandon() {
			this.redis.sever();
			this.registry.close();
		}

	}

}
