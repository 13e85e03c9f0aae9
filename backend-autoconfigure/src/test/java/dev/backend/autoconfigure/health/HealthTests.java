package dev.backend.autoconfigure.health;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.backend.autoconfigure.HealthRule;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class HealthTests {

	private final EchoServer server = EchoServer.start("game-1");

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
				RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class,
				TcpBackendAutoConfiguration.class, BackendRegistryHealthContributorAutoConfiguration.class,
				TcpBackendHealthContributorAutoConfiguration.class))
		.withBean("discovery", InMemoryDiscovery.class, () -> this.discovery)
		.withBean(LineCodec.class);

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void theRegistrysHealthFollowsItsStatus() {
		this.discovery.silence();
		this.contextRunner.withPropertyValues("backend.tcp.await-ready=0s", "backend.http.await-ready=0s")
			.run((context) -> {
				assertThat(registry(context).getStatus()).isEqualTo(Status.UNKNOWN);
				this.discovery.push(this.server.instance());
				assertThat(registry(context).getStatus()).isEqualTo(Status.UP);
				assertThat(registry(context).getDetails()).containsEntry("source", "memory")
					.containsEntry("instances", 1);
				this.discovery.fail("no answer");
				assertThat(registry(context).getStatus()).isEqualTo(Status.DOWN);
				assertThat(registry(context).getDetails()).containsEntry("reason", "no answer")
					.containsEntry("rejected", 1);
			});
	}

	@Test
	void theServicesHealthFollowsTheRule() {
		DiscoveredInstance unreachable = unreachable();
		this.contextRunner.run((context) -> {
			assertThat(services(context).getStatus()).isEqualTo(Status.UNKNOWN);
			this.discovery.push(unreachable);
			await().until(() -> services(context).getStatus() == Status.DOWN);
			this.discovery.push(this.server.instance(), unreachable);
			await().until(() -> services(context).getStatus() == Status.UP);
			assertThat(services(context).getDetails()).containsEntry("groups",
					Map.of("game", Map.of("known", 2, "usable", 1)));
		});
	}

	@Test
	void whenARequiredServiceIsUnknownThenDown() {
		this.contextRunner.withPropertyValues("backend.tcp.health.required-services=Game").run((context) -> {
			assertThat(services(context).getStatus()).isEqualTo(Status.DOWN);
			this.discovery.push(this.server.instance(),
					new DiscoveredInstance("other", "o-1", "tcp", "127.0.0.1", 1, List.of(), Map.of()));
			await().until(() -> services(context).getStatus() == Status.UP);
		});
	}

	@ParameterizedTest
	@CsvSource({ "ANY,0,0,false", "ANY,1,3,true", "MAJORITY,1,2,false", "MAJORITY,2,3,true", "ALL,2,3,false",
			"ALL,3,3,true", "ALL,0,0,false" })
	void rulesCompareUsableWithKnown(HealthRule rule, int usable, int known, boolean met) {
		assertThat(rule.met(usable, known)).isEqualTo(met);
	}

	@Test
	void whenDisabledThenThereAreNoContributors() {
		this.contextRunner
			.withPropertyValues("management.health.backend-registry.enabled=false",
					"management.health.tcp-backend.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(HealthContributor.class));
	}

	@Test
	void whenTheApplicationHasContributorsOfTheNamesThenTheAutoConfigurationBacksOff() {
		HealthIndicator own = () -> Health.up().build();
		this.contextRunner.withBean("backendRegistryHealthIndicator", HealthIndicator.class, () -> own)
			.withBean("tcpBackendHealthIndicator", HealthIndicator.class, () -> own)
			.run((context) -> assertThat(context.getBeansOfType(HealthContributor.class)).hasSize(2));
	}

	@Test
	void whenThereAreTwoRegistriesThenEachHasItsHealth() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(BackendRegistryHealthContributorAutoConfiguration.class))
			.withBean("one", InMemoryDiscovery.class)
			.withBean("two", InMemoryDiscovery.class)
			.run((context) -> assertThat(context.getBean(CompositeHealthContributor.class)
				.stream()
				.map(CompositeHealthContributor.Entry::name)).containsExactlyInAnyOrder("one", "two"));
	}

	@Test
	void theRegistrysHealthCountsWhatTheBackendsAreGiven() {
		this.contextRunner.withPropertyValues("backend.discovery.allowed-ports=1-100").run((context) -> {
			this.discovery.push(new DiscoveredInstance("game", "game-1", "tcp", "127.0.0.1", 80, List.of(), Map.of()),
					new DiscoveredInstance("game", "game-2", "tcp", "127.0.0.1", 7001, List.of(), Map.of()));
			await().until(() -> registry(context).getStatus() == Status.UP);
			assertThat(registry(context).getDetails()).containsEntry("instances", 1).containsEntry("rejected", 1);
		});
	}

	private DiscoveredInstance unreachable() {
		EchoServer closed = EchoServer.start("game-2");
		closed.close();
		return closed.instance();
	}

	private static Health registry(ApplicationContext context) {
		return Objects
			.requireNonNull(context.getBean("backendRegistryHealthContributor", HealthIndicator.class).health());
	}

	private static Health services(ApplicationContext context) {
		return Objects.requireNonNull(context.getBean("tcpBackendHealthContributor", HealthIndicator.class).health());
	}

}
