package dev.backend.autoconfigure.health;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.fleet.FleetBackend;
import dev.backend.tcp.TcpBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The health of both backends: its rule, and in which groups it is.
 */
@Timeout(60)
class HealthGroupTests {

	private static final String READINESS = "management.endpoint.health.group.readiness.include=readinessState,";

	private final EchoServer server = EchoServer.start("game-1");

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				HttpBackendAutoConfiguration.class, BackendRegistryHealthContributorAutoConfiguration.class,
				TcpBackendHealthContributorAutoConfiguration.class, HttpBackendHealthContributorAutoConfiguration.class,
				ApplicationAvailabilityAutoConfiguration.class, HealthContributorAutoConfiguration.class,
				HealthContributorRegistryAutoConfiguration.class, HealthEndpointAutoConfiguration.class,
				AvailabilityProbesAutoConfiguration.class, AvailabilityHealthContributorAutoConfiguration.class))
		.withBean("discovery", InMemoryDiscovery.class, () -> this.discovery)
		.withBean(LineCodec.class)
		.withPropertyValues("backend.http.enabled=true", "management.endpoint.health.probes.enabled=true",
				"management.endpoints.web.exposure.include=health", "backend.http.probe.interval=50ms");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void noContributorIsInLivenessOrReadinessByItself() {
		this.contextRunner.run((context) -> {
			HealthEndpointGroups groups = context.getBean(HealthEndpointGroups.class);
			assertThat(groups.getNames()).contains("liveness", "readiness");
			assertThat(List.of("backendRegistry", "tcpBackend", "httpBackend")).allSatisfy((name) -> {
				assertThat(groups.getPrimary().isMember(name)).isTrue();
				assertThat(groups.getNames()).noneMatch((group) -> group(groups, group, name));
			});
		});
	}

	@ParameterizedTest
	@CsvSource({ "tcp,game", "http,pay" })
	void whenReadinessAsksForAContributorThenItFollowsTheRequiredServicesAndLivenessDoesNot(String protocol,
			String service) {
		this.contextRunner
			.withPropertyValues(READINESS + protocol + "Backend",
					"backend." + protocol + ".health.required-services=" + service)
			.run((context) -> {
				AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
				AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
				assertThat(status(context, "readiness")).isEqualTo(Status.DOWN);
				assertThat(status(context, "liveness")).isEqualTo(Status.UP);
				this.discovery.push(instance(protocol, service, "1", this.server.port()));
				await().until(() -> status(context, "readiness") == Status.UP);
			});
	}

	@ParameterizedTest
	@CsvSource({ "tcp,game,any,UP", "tcp,game,majority,DOWN", "tcp,game,all,DOWN", "http,pay,any,UP",
			"http,pay,majority,DOWN", "http,pay,all,DOWN" })
	void theRuleIsThatOfTheProtocol(String protocol, String service, String rule, String status) {
		this.contextRunner.withPropertyValues("backend." + protocol + ".health.rule=" + rule).run((context) -> {
			this.discovery.push(instance(protocol, service, "1", this.server.port()),
					instance(protocol, service, "2", 1));
			Map<String, ?> groups = Map.of(service, Map.of("known", 2, "usable", 1));
			await().until(() -> groups.equals(health(context, protocol).getDetails().get("groups")));
			assertThat(health(context, protocol).getStatus().getCode()).isEqualTo(status);
			backend(context, protocol).drain(service, "2").join();
			assertThat(health(context, protocol).getStatus()).as("what is drained need not be usable")
				.isEqualTo(Status.UP);
			backend(context, protocol).drain(service, "1").join();
			assertThat(health(context, protocol).getStatus()).as("but something must").isEqualTo(Status.DOWN);
		});
	}

	@ParameterizedTest
	@CsvSource({ "majority", "all" })
	void whatIsSuspendedNeedNotBeUsable(String rule) {
		this.contextRunner.withPropertyValues("backend.tcp.health.rule=" + rule).run((context) -> {
			this.discovery.push(instance("tcp", "game", "1", this.server.port()), instance("tcp", "game", "2", 1));
			Map<String, ?> groups = Map.of("game", Map.of("known", 2, "usable", 1));
			await().until(() -> groups.equals(health(context, "tcp").getDetails().get("groups")));
			assertThat(health(context, "tcp").getStatus()).isEqualTo(Status.DOWN);
			TcpBackend<?> backend = context.getBean(TcpBackend.class);
			backend.suspend("game", "2").join();
			assertThat(health(context, "tcp").getStatus()).isEqualTo(Status.UP);
			assertThat(health(context, "tcp").getDetails()).containsEntry("groups",
					Map.of("game", Map.of("known", 2, "usable", 1, "suspended", 1)));
			backend.drain("game", "2").join();
			assertThat(health(context, "tcp").getStatus()).as("counted once").isEqualTo(Status.UP);
			assertThat(health(context, "tcp").getDetails()).containsEntry("groups",
					Map.of("game", Map.of("known", 2, "usable", 1, "drained", 1, "suspended", 1)));
			backend.resume("game", "2").join();
			backend.undrain("game", "2").join();
			assertThat(health(context, "tcp").getStatus()).isEqualTo(Status.DOWN);
			backend.suspend("game", "2").join();
			backend.suspend("game", "1").join();
			assertThat(health(context, "tcp").getStatus()).as("but something must").isEqualTo(Status.DOWN);
		});
	}

	private static boolean group(HealthEndpointGroups groups, String group, String contributor) {
		return Objects.requireNonNull(groups.get(group)).isMember(contributor);
	}

	private static Status status(ApplicationContext context, String group) {
		return Objects.requireNonNull(context.getBean(HealthEndpoint.class).healthForPath(group)).getStatus();
	}

	private static Health health(ApplicationContext context, String protocol) {
		return Objects
			.requireNonNull(context.getBean(protocol + "BackendHealthContributor", HealthIndicator.class).health());
	}

	private static FleetBackend<?, ?> backend(ApplicationContext context, String protocol) {
		return context.getBean(protocol + "Backend", FleetBackend.class);
	}

	private static DiscoveredInstance instance(String protocol, String service, String id, int port) {
		return new DiscoveredInstance(service, id, protocol, "127.0.0.1", port, List.of(), Map.of());
	}

}
