package dev.backend.autoconfigure.registration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.test.SlowTest;
import io.lettuce.core.api.sync.RedisCommands;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.discovery.event.InstancePreRegisteredEvent;
import org.springframework.cloud.client.discovery.event.InstanceRegisteredEvent;
import org.springframework.cloud.client.serviceregistry.AutoServiceRegistration;
import org.springframework.cloud.client.serviceregistry.AutoServiceRegistrationAutoConfiguration;
import org.springframework.cloud.client.serviceregistry.Registration;
import org.springframework.cloud.client.serviceregistry.ServiceRegistry;
import org.springframework.cloud.client.serviceregistry.ServiceRegistryAutoConfiguration;
import org.springframework.cloud.client.serviceregistry.endpoint.ServiceRegistryEndpoint;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Registration by Spring Cloud's interfaces, in a real Redis.
 */
@SlowTest
class SpringCloudRegistrationTests {

	private static final String KEY = "test-fleet";

	private static final String MEMBER = "Game&Game-127.0.0.1-7001&127.0.0.1&7001&tcp";

	private static final String EXPOSED = "management.endpoints.web.exposure.include=*";

	private static final String SWITCHED_OFF = "spring.cloud.service-registry.auto-registration.enabled=false";

	private final RedisServer redis = RedisServer.started();

	private final RedisCommands<String, String> commands = this.redis.commands();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class, DiscoveryAutoConfiguration.class,
				RedisDiscoveryAutoConfiguration.class, RedisRegistrationAutoConfiguration.class,
				RegistrationAutoConfiguration.class, SpringCloudRegistrationAutoConfiguration.class,
				ServiceRegistryAutoConfiguration.class, AutoServiceRegistrationAutoConfiguration.class))
		.withPropertyValues(properties(this.redis.port()));

	@AfterEach
	void stopRedis() {
		this.redis.close();
	}

	@Test
	void theApplicationIsRegisteredOnceAsItIsSpeltAndDeregisteredAtTheEnd() {
		Events events = new Events();
		this.contextRunner.withBean(Events.class, () -> events).run((context) -> {
			await().until(() -> members().equals(List.of(MEMBER)));
			assertThat(events.names).containsExactly("InstancePreRegisteredEvent", "InstanceRegisteredEvent");
			assertThat(context).doesNotHaveBean(ApplicationRegistration.class)
				.hasSingleBean(AutoServiceRegistration.class);
			assertThat(context.getBean(RedisServiceRegistry.class).registrations()).hasSize(1);
			Registration registration = context.getBean(Registration.class);
			assertThat(registration.getServiceId()).isEqualTo("Game");
			assertThat(registration.getUri()).hasToString("tcp://127.0.0.1:7001");
			context.getBean(BackendServiceRegistry.class).register((BackendRegistration) registration);
			assertThat(context.getBean(RedisServiceRegistry.class).registrations()).as("registered again").hasSize(1);
		});
		assertThat(members()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "static", "consul" })
	void whenInstancesAreDiscoveredElsewhereThenTheApplicationIsRegisteredAllTheSame(String source) {
		this.contextRunner.withPropertyValues("backend.discovery.sources=" + source).run((context) -> {
			await().until(() -> members().equals(List.of(MEMBER)));
			assertThat(context).doesNotHaveBean(ServiceDiscovery.class).hasSingleBean(RedisServiceRegistry.class);
		});
		assertThat(members()).isEmpty();
	}

	@Test
	void whenRedisLosesItsDataThenTheApplicationIsRegisteredAgain() {
		this.contextRunner
			.withPropertyValues("backend.discovery.redis.heartbeat=200ms", "backend.discovery.redis.expiry=1s")
			.run((context) -> {
				await().until(() -> members().equals(List.of(MEMBER)));
				this.commands.flushall();
				await().until(() -> members().equals(List.of(MEMBER)));
			});
	}

	@Test
	void theStatusTakesTheInstanceOutAndBackIn() {
		this.contextRunner.run((context) -> {
			BackendServiceRegistry registry = context.getBean(BackendServiceRegistry.class);
			BackendRegistration registration = context.getBean(BackendRegistration.class);
			await().until(() -> registry.getStatus(registration).equals("UP"));
			registry.setStatus(registration, "out_of_service");
			assertThat(members()).isEmpty();
			assertThat(registry.<String>getStatus(registration)).isEqualTo("OUT_OF_SERVICE");
			registry.setStatus(registration, "UP");
			await().until(() -> members().equals(List.of(MEMBER)));
			assertThatIllegalArgumentException().isThrownBy(() -> registry.setStatus(registration, "SLEEPY"))
				.withMessageContaining("'SLEEPY' (expected: UP");
			this.redis.close();
			await().until(() -> registry.getStatus(registration).equals("DOWN"));
		});
	}

	@Test
	void furtherServersOfTheApplicationAreRegisteredMovedAndDeregisteredAtTheEnd() {
		this.contextRunner.withPropertyValues("backend.registration.enabled=false").run((context) -> {
			BackendServiceRegistry registry = context.getBean(BackendServiceRegistry.class);
			registry.register(registration("127.0.0.1", 7101));
			await().until(() -> members().equals(List.of("chat&c-1&127.0.0.1&7101&tcp")));
			registry.register(registration("127.0.0.1", 7102));
			await().until(() -> members().equals(List.of("chat&c-1&127.0.0.1&7102&tcp")));
			assertThatIllegalArgumentException().isThrownBy(() -> registry.register(registration("127.0.0.1", 0)));
			registry.deregister(registration("127.0.0.1", 7102));
			assertThat(members()).isEmpty();
			registry.register(registration("127.0.0.1", 7103));
			await().until(() -> members().size() == 1);
		});
		assertThat(members()).isEmpty();
	}

	@Test
	void whenAutoRegistrationIsSwitchedOffThenOnlyTheRegistryIsThere() {
		this.contextRunner.withPropertyValues(SWITCHED_OFF).run((context) -> {
			assertThat(context).hasSingleBean(ServiceRegistry.class)
				.doesNotHaveBean(AutoServiceRegistration.class)
				.doesNotHaveBean(ApplicationRegistration.class);
			assertThat(context.getBean(RedisServiceRegistry.class).registrations()).isEmpty();
		});
	}

	@Test
	void withoutSpringCloudTheApplicationIsRegisteredAllTheSame() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.cloud"))
			.withPropertyValues(SWITCHED_OFF)
			.run((context) -> {
				assertThat(context).hasSingleBean(ApplicationRegistration.class)
					.doesNotHaveBean(BackendServiceRegistry.class);
				await().until(() -> members().equals(List.of(MEMBER)));
			});
		assertThat(members()).isEmpty();
	}

	@Test
	void whenAnotherRegistryIsThereThenItIsTheOneThatIsInjectedAndBothRegister() {
		this.contextRunner.withUserConfiguration(OtherRegistry.class).withPropertyValues(EXPOSED).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(ServiceRegistryEndpoint.class);
			assertThat(context.getBeanProvider(Registration.class).getObject().getServiceId()).isEqualTo("other");
			assertThat(context.getBeanProvider(ServiceRegistry.class).getObject())
				.isInstanceOf(OtherServiceRegistry.class);
			ResolvableType own = ResolvableType.forClassWithGenerics(ServiceRegistry.class, BackendRegistration.class);
			ObjectProvider<Object> ours = context.getBeanProvider(own);
			assertThat(ours.getObject()).isInstanceOf(BackendServiceRegistry.class);
			assertThat(context.getBean(ServiceRegistryEndpoint.class).getStatus().getBody()).isEqualTo("OTHER");
			await().until(() -> members().equals(List.of(MEMBER)));
		});
	}

	@Test
	void theEndpointOfSpringCloudShowsAndSetsTheStatus() {
		this.contextRunner.withPropertyValues(EXPOSED).run((context) -> {
			ServiceRegistryEndpoint endpoint = context.getBean(ServiceRegistryEndpoint.class);
			await().until(() -> "UP".equals(endpoint.getStatus().getBody()));
			endpoint.setStatus("OUT_OF_SERVICE");
			assertThat(members()).isEmpty();
		});
	}

	@Test
	void theApplicationIsRegisteredAfterItsWebServerHasStartedAndDeregisteredBeforeItStops() {
		Witness witness;
		List<String> arguments = new ArrayList<>(
				List.of("--server.port=0", "--server.address=127.0.0.1", "--backend.registration.scheme=http"));
		Stream.of(properties(this.redis.port()))
			.filter((property) -> !property.startsWith("backend.registration.port"))
			.forEach((property) -> arguments.add("--" + property));
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(WebApplication.class)
			.web(WebApplicationType.REACTIVE)
			.run(arguments.toArray(new String[0]))) {
			witness = context.getBean(Witness.class);
			witness.commands = this.commands;
			String port = context.getEnvironment().getRequiredProperty("local.server.port");
			await()
				.until(() -> members().equals(List.of("Game&Game-127.0.0.1-" + port + "&127.0.0.1&" + port + "&http")));
			assertThat(context.getBean(Registration.class).getPort()).isEqualTo(Integer.parseInt(port));
		}
		assertThat(witness.membersAtStop).as("entries when the web server begins its shutdown").isEmpty();
	}

	private List<String> members() {
		return this.commands.zrange(KEY, 0, -1);
	}

	private static BackendRegistration registration(String address, int port) {
		return new BackendRegistration(
				new DiscoveredInstance("chat", "c-1", "tcp", address, port, List.of(), Map.of()));
	}

	private static String[] properties(int redisPort) {
		return new String[] { "spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + redisPort,
				"backend.discovery.redis.key=" + KEY, "spring.application.name=Game",
				"backend.registration.enabled=true", "backend.registration.address=127.0.0.1",
				"backend.registration.port=7001" };
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
	}

	static class Events implements ApplicationListener<ApplicationEvent> {

		private final List<String> names = new CopyOnWriteArrayList<>();

		@Override
		public void onApplicationEvent(ApplicationEvent event) {
			if (event instanceof InstanceRegisteredEvent || event instanceof InstancePreRegisteredEvent) {
				this.names.add(event.getClass().getSimpleName());
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherRegistry {

		@Bean
		OtherServiceRegistry otherServiceRegistry() {
			return new OtherServiceRegistry();
		}

		@Bean
		OtherRegistration otherRegistration() {
			return new OtherRegistration();
		}

		@Bean
		AutoServiceRegistration otherAutoServiceRegistration() {
			return new AutoServiceRegistration() {
			};
		}

	}

	static class OtherRegistration extends DefaultServiceInstance implements Registration {

		OtherRegistration() {
			super("o-1", "other", "127.0.0.1", 7999, false);
		}

	}

	static class OtherServiceRegistry implements ServiceRegistry<OtherRegistration> {

		@Override
		public void register(@Nullable OtherRegistration registration) {
		}

		@Override
		public void deregister(@Nullable OtherRegistration registration) {
		}

		@Override
		public void close() {
		}

		@Override
		public void setStatus(OtherRegistration registration, String status) {
		}

		@Override
		@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
		public <T> T getStatus(OtherRegistration registration) {
			return (T) "OTHER";
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WebApplication {

		@Bean
		Witness witness() {
			return new Witness();
		}

	}

	/** Looks just before the web server begins to shut down, which is one phase later. */
	static class Witness implements SmartLifecycle {

		private volatile @Nullable RedisCommands<String, String> commands;

		private volatile List<String> membersAtStop = List.of("not looked");

		private volatile boolean running;

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
			RedisCommands<String, String> redis = this.commands;
			if (redis != null) {
				this.membersAtStop = redis.zrange(KEY, 0, -1);
			}
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return SmartLifecycle.DEFAULT_PHASE - 1023;
		}

	}

}
