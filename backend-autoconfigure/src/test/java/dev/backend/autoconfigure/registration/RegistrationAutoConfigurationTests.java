package dev.backend.autoconfigure.registration;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class RegistrationAutoConfigurationTests {

	private static final String ENABLED = "backend.registration.enabled=true";

	private static final String ADDRESS = "backend.registration.address=10.0.0.5";

	private final RecordingRegistrar registrar = new RecordingRegistrar();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(RegistrationAutoConfiguration.class))
		.withBean(ServiceRegistrar.class, () -> this.registrar)
		.withPropertyValues("spring.application.name=Game");

	@Test
	void byDefaultNothingIsRegistered() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(ApplicationRegistration.class));
		assertThat(this.registrar.calls).isEmpty();
	}

	@Test
	void whenEnabledThenTheApplicationIsRegisteredWhileItRuns() {
		this.contextRunner.withPropertyValues(ENABLED, ADDRESS, "backend.registration.port=7001")
			.run((context) -> assertThat(this.registrar.calls)
				.containsExactly("register Game/Game-10.0.0.5-7001 at 10.0.0.5:7001"));
		assertThat(this.registrar.calls).hasSize(2).element(1).isEqualTo("deregister Game-10.0.0.5-7001");
	}

	@Test
	void propertiesReachTheRegistration() {
		this.contextRunner
			.withPropertyValues(ENABLED, ADDRESS, "backend.registration.name=lobby", "backend.registration.id=l-1",
					"backend.registration.scheme=https", "backend.registration.port=7001",
					"backend.registration.tags=eu,US", "backend.registration.metadata.weight=2")
			.run((context) -> assertThat(this.registrar.instances).containsExactly(new DiscoveredInstance("lobby",
					"l-1", "https", "10.0.0.5", 7001, List.of("eu", "US"), Map.of("weight", "2"))));
	}

	@Test
	void whenTheContextIsStoppedAndStartedThenTheApplicationIsRegisteredAgain() {
		this.contextRunner.withPropertyValues(ENABLED, ADDRESS, "backend.registration.port=7001").run((context) -> {
			context.getSourceApplicationContext().stop();
			context.getSourceApplicationContext().start();
			assertThat(this.registrar.calls).hasSize(3);
		});
	}

	@Test
	void whenTheSchemeIsOfAWebServerThenItsPortIsTaken() {
		this.contextRunner
			.withPropertyValues(ENABLED, ADDRESS, "backend.registration.scheme=http", "local.server.port=8081")
			.run((context) -> assertThat(this.registrar.instances).singleElement()
				.extracting(DiscoveredInstance::port)
				.isEqualTo(8081));
	}

	@Test
	void whenThereIsNoWebServerThenThePortIsAskedFor() {
		this.contextRunner.withPropertyValues(ENABLED, ADDRESS, "backend.registration.scheme=http")
			.run((context) -> assertThat(Failures.rootOf(context)).isInstanceOf(BackendConfigurationException.class)
				.hasMessageContaining("backend.registration.port is not set"));
	}

	@Test
	void whenTheSchemeIsTcpThenThePortIsAskedFor() {
		this.contextRunner.withPropertyValues(ENABLED, ADDRESS, "local.server.port=8081")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"backend.registration.port is not set", "serves 'tcp'", "RedisServiceRegistry.register"));
	}

	@Test
	void whenThereIsNoNameThenItIsAskedFor() {
		this.contextRunner
			.withPropertyValues(ENABLED, ADDRESS, "backend.registration.port=1", "spring.application.name=")
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("backend.registration.name is not set", "spring.application.name"));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 65536 })
	void whenThePortIsOutOfRangeThenStartFails(int port) {
		this.contextRunner.withPropertyValues(ENABLED, ADDRESS, "backend.registration.port=" + port)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("backend.registration"));
	}

	@Test
	void whenAPartIsMalformedThenStartFailsWithIt() {
		this.contextRunner
			.withPropertyValues(ENABLED, ADDRESS, "backend.registration.port=1",
					"backend.registration.id=" + "x".repeat(256))
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll("id: 256 characters",
					"at most 255"));
	}

	@Test
	void whenThereIsNoRegistryThenItIsAskedFor() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(RegistrationAutoConfiguration.class))
			.withPropertyValues(ENABLED, ADDRESS, "backend.registration.port=1", "spring.application.name=x")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"backend.registration.enabled is true", "spring-boot-starter-data-redis",
					"backend.discovery.redis.key"));
	}

	@Test
	void whenTheMachineHasOnlyLoopbackAddressesThenTheAddressIsAskedFor() {
		RegistrationProperties properties = new RegistrationProperties(true, "game", null, "tcp", null, 1, Set.of(),
				Map.of());
		ApplicationInstance config = new ApplicationInstance(properties, new MockEnvironment(), () -> null);
		assertThatExceptionOfType(BackendConfigurationException.class).isThrownBy(config::create)
			.withMessageContaining("backend.registration.address is not set");
	}

	@Test
	void whenSeveralAddressesAreThereThenTheFirstRoutableIpv4OneIsTaken() throws UnknownHostException {
		assertThat(LocalAddress
			.choose(addresses("127.0.0.1", "169.254.1.1", "fe80::1", "2001:db8::1", "10.0.0.5", "192.168.1.5")))
			.isEqualTo("10.0.0.5");
		assertThat(LocalAddress.choose(addresses("::1", "2001:db8::1"))).isEqualTo("2001:db8:0:0:0:0:0:1");
		assertThat(LocalAddress.choose(addresses("::1", "127.0.0.1"))).isNull();
	}

	private static List<InetAddress> addresses(String... texts) throws UnknownHostException {
		List<InetAddress> addresses = new ArrayList<>();
		for (String text : texts) {
			addresses.add(InetAddress.getByName(text));
		}
		return addresses;
	}

	private static final class RecordingRegistrar implements ServiceRegistrar {

		private final List<String> calls = new ArrayList<>();

		private final List<DiscoveredInstance> instances = new ArrayList<>();

		@Override
		public AutoCloseable register(DiscoveredInstance instance) {
			this.calls.add("register %s/%s at %s:%d".formatted(instance.name(), instance.id(), instance.address(),
					instance.port()));
			this.instances.add(instance);
			return () -> this.calls.add("deregister " + instance.id());
		}

		@Override
		public List<RegistrationStatus> registrations() {
			return List.of();
		}

	}

}
