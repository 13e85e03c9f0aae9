package dev.backend.autoconfigure.discovery;

import java.time.Duration;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.discovery.MergedDiscovery;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.redis.RedisReadLimits;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisServiceDiscovery;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.discovery.redis.RegistryLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class DiscoveryAutoConfigurationTests {

	private static final String KEY = "backend.discovery.redis.key=games";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class, DiscoveryAutoConfiguration.class,
				RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class));

	@Test
	void whenTheKeyIsSetThenRedisIsTheDiscovery() {
		this.contextRunner.withPropertyValues(KEY)
			.run((context) -> assertThat(context).hasSingleBean(RedisServiceDiscovery.class)
				.hasSingleBean(RedisServiceRegistry.class)
				.getBean(DiscoveryResolver.class)
				.extracting(DiscoveryResolver::resolve)
				.isSameAs(context.getBean(RedisServiceDiscovery.class)));
	}

	@Test
	void propertiesReachTheSettings() {
		this.contextRunner
			.withPropertyValues(KEY, "backend.discovery.sources=Redis", "backend.discovery.redis.services=a,b",
					"backend.discovery.redis.expiry=5s", "backend.discovery.redis.heartbeat=1s",
					"backend.discovery.redis.reread-interval=2s", "backend.discovery.redis.checker=false",
					"backend.discovery.redis.response-timeout=3s", "backend.discovery.redis.close-timeout=4s",
					"backend.discovery.limits.instances=6", "backend.discovery.redis.maximum-member-size=1KB",
					"backend.discovery.redis.maximum-read-size=2MB", "backend.discovery.redis.layout=gobase-v2")
			.run((context) -> {
				RedisRegistrySettings settings = context.getBean(RedisRegistrySettings.class);
				assertThat(settings.key()).isEqualTo("games");
				assertThat(settings.serviceNames()).containsExactlyInAnyOrder("a", "b");
				assertThat(settings.timings().expiry()).isEqualTo(Duration.ofSeconds(5));
				assertThat(settings.timings().heartbeatInterval()).isEqualTo(Duration.ofSeconds(1));
				assertThat(settings.timings().readInterval()).isEqualTo(Duration.ofSeconds(2));
				assertThat(settings.checker().enabled()).isFalse();
				assertThat(settings.timings().responseTimeout()).isEqualTo(Duration.ofSeconds(3));
				assertThat(settings.timings().closeTimeout()).isEqualTo(Duration.ofSeconds(4));
				assertThat(settings.limits()).isEqualTo(new RedisReadLimits(1024, 2 << 20));
				assertThat(settings.rules().maximumInstances()).isEqualTo(6);
				assertThat(settings.layout()).isEqualTo(RegistryLayout.GOBASE_V2);
			});
	}

	@Test
	void whenThereAreAdditionalKeysThenAllAreWatchedInTheirOrderAndTheFirstIsRegisteredUnder() {
		this.contextRunner
			.withPropertyValues(KEY, "backend.discovery.redis.additional-keys=chats,halls",
					"backend.discovery.redis.expiry=9s")
			.run((context) -> {
				MergedDiscovery discovery = context.getBean(MergedDiscovery.class);
				assertThat(context.getBean(DiscoveryResolver.class).resolve()).isSameAs(discovery);
				assertThat(discovery.sources()).extracting((source) -> source.status().source())
					.containsExactly("redis key 'games'", "redis key 'chats'", "redis key 'halls'");
				assertThat(discovery.sources()).extracting(ServiceDiscovery::confirmationDelay)
					.containsOnly(Duration.ofSeconds(9));
				assertThat(context.getBean(RedisRegistrySettings.class).key()).isEqualTo("games");
			});
	}

	@Test
	void customizersChangeTheSettingsInTheirOrderAfterTheProperties() {
		this.contextRunner.withPropertyValues(KEY, "backend.discovery.redis.services=game")
			.withUserConfiguration(OrderedCustomizers.class)
			.run((context) -> assertThat(context.getBean(RedisRegistrySettings.class).serviceNames())
				.containsExactly("last"));
	}

	@Test
	void defaultsAreThoseOfTheEngine() {
		this.contextRunner.withPropertyValues(KEY)
			.run((context) -> assertThat(context.getBean(RedisRegistrySettings.class))
				.isEqualTo(RedisRegistrySettings.defaults("games")));
	}

	@ParameterizedTest
	@CsvSource({ "key,' '", "heartbeat,8s", "heartbeat,0s", "expiry,2d", "reread-interval,-1s", "response-timeout,0s",
			"close-timeout,0s", "maximum-member-size,63B", "maximum-member-size,2MB", "maximum-read-size,8191B",
			"additional-keys,games", "additional-keys,'chats,chats'", "additional-keys,'a	b'" })
	void whenAValueIsOutOfItsRangeThenStartFailsWithPropertyAndValue(String property, String value) {
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues(KEY,
				"backend.discovery.redis.heartbeat=1s", "backend.discovery.redis." + property + "=" + value);
		runner.withClassLoader(new FilteredClassLoader("jakarta.validation"))
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("backend.discovery.redis." + property, "Expected: "));
		runner.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("backend.discovery.redis"));
	}

	@Test
	void whenTheTypeIsUnknownThenStartFailsWithTheKnownOnes() {
		this.contextRunner.withPropertyValues("backend.discovery.sources=etcd")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll("backend.discovery.sources",
					"'etcd'", "consul, custom, dns, redis, spring-cloud, static"));
	}

	@Test
	void whenTheApplicationHasADiscoveryThenTheAutoConfigurationBacksOff() {
		this.contextRunner.withPropertyValues(KEY)
			.withBean(InMemoryDiscovery.class)
			.run((context) -> assertThat(context).hasSingleBean(ServiceDiscovery.class)
				.hasSingleBean(RedisServiceRegistry.class)
				.doesNotHaveBean(RedisServiceDiscovery.class));
	}

	@Test
	void whenTheApplicationHasSettingsOrARegistryThenTheAutoConfigurationBacksOff() {
		this.contextRunner.withPropertyValues(KEY)
			.withBean("own", RedisRegistrySettings.class, () -> RedisRegistrySettings.defaults("own"))
			.run((context) -> {
				assertThat(context).hasSingleBean(RedisRegistrySettings.class);
				assertThat(context.getBean(RedisServiceDiscovery.class).status().source()).contains("'own'");
			});
		this.contextRunner.withPropertyValues(KEY)
			.withBean("ownRegistry", RedisServiceRegistry.class,
					() -> new RedisServiceRegistry(new LettuceConnectionFactory(),
							RedisRegistrySettings.defaults("own")))
			.run((context) -> assertThat(context).hasSingleBean(RedisServiceRegistry.class).hasBean("ownRegistry"));
	}

	@Test
	void whenTheTypeIsCustomThenRedisIsNotReadAndABeanIsAskedFor() {
		this.contextRunner.withPropertyValues(KEY, "backend.discovery.sources=custom").run((context) -> {
			assertThat(context).doesNotHaveBean(RedisServiceDiscovery.class)
				.doesNotHaveBean(DiscoverySource.class)
				.hasSingleBean(RedisServiceRegistry.class);
			assertUnresolved(context, "backend.discovery.sources is 'custom'", "no ServiceDiscovery bean",
					"one or several of consul, dns, redis, spring-cloud, static.");
		});
	}

	@Test
	void whenTheKeyIsNotSetThenItIsAskedFor() {
		this.contextRunner.run((context) -> {
			assertThat(context).doesNotHaveBean(ServiceDiscovery.class);
			assertUnresolved(context, "backend.discovery.redis.key is not set");
		});
	}

	@Test
	void whenThereIsNoConnectionFactoryThenItIsAskedFor() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
			.withPropertyValues(KEY)
			.run((context) -> assertUnresolved(context, "no RedisConnectionFactory bean"));
	}

	@Test
	void whenThereIsNoRedisClientThenTheStarterIsAskedFor() {
		ClassLoader withoutRedis = new FilteredClassLoader(RedisConnectionFactory.class);
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
			.withClassLoader(withoutRedis)
			.withPropertyValues(KEY)
			.run((context) -> assertUnresolved(context, "no Redis client is on the class path",
					"spring-boot-starter-data-redis"));
	}

	@Test
	void whenThereAreTwoDiscoveriesThenAPrimaryOneIsAskedFor() {
		this.contextRunner.withBean("one", InMemoryDiscovery.class)
			.withBean("two", InMemoryDiscovery.class)
			.run((context) -> assertUnresolved(context, "there are 2: [one, two]", "@Primary"));
	}

	@Configuration(proxyBeanMethods = false)
	static class OrderedCustomizers {

		@Bean
		@Order(2)
		RedisRegistrySettingsCustomizer last() {
			return (settings) -> settings.withServiceNames("last");
		}

		@Bean
		@Order(1)
		RedisRegistrySettingsCustomizer first() {
			return (settings) -> settings.withServiceNames("first");
		}

	}

	private static void assertUnresolved(ApplicationContext context, String... messageParts) {
		assertThatExceptionOfType(BackendConfigurationException.class)
			.isThrownBy(() -> context.getBean(DiscoveryResolver.class).resolve())
			.satisfies((ex) -> assertThat(ex).hasMessageContainingAll(messageParts));
	}

}
