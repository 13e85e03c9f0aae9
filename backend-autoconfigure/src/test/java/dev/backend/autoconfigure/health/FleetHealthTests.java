package dev.backend.autoconfigure.health;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The health of several fleets: each by its own rule and required services.
 */
@Timeout(60)
class FleetHealthTests {

	private final EchoServer server = EchoServer.start("1");

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				TcpBackendHealthContributorAutoConfiguration.class, HealthContributorAutoConfiguration.class,
				HealthContributorRegistryAutoConfiguration.class, HealthEndpointAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withBean(LineCodec.class)
		.withPropertyValues("management.endpoints.web.exposure.include=health",
				"backend.tcp.fleets.game.services=game,battle-*", "backend.tcp.fleets.chat.services=chat");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void everyFleetIsAContributorOfItsOwn() {
		this.runner.withPropertyValues("backend.tcp.fleets.chat.health.rule=all").run((context) -> {
			this.discovery.push(at("game", "1"), unreachable("game"), at("chat", "1"), unreachable("chat"));
			Map<String, Object> two = Map.of("known", 2, "usable", 1);
			await().until(() -> Map.of("game", two).equals(health(context, "game").getDetails().get("groups"))
					&& Map.of("chat", two).equals(health(context, "chat").getDetails().get("groups")));
			assertThat(health(context, "game").getStatus()).isEqualTo(Status.UP);
			assertThat(health(context, "chat").getStatus()).isEqualTo(Status.DOWN);
			assertThat(status(context, "tcpBackend")).isEqualTo(Status.DOWN);
			assertThat(status(context, "tcpBackend", "gameTcpBackend")).isEqualTo(Status.UP);
		});
	}

	@Test
	void aGroupOfContributorsMayHaveOneFleet() {
		this.runner
			.withPropertyValues("management.endpoint.health.group.readiness.include=tcpBackend/gameTcpBackend",
					"backend.tcp.fleets.chat.health.required-services=chat")
			.run((context) -> {
				this.discovery.push(at("game", "1"));
				await().until(() -> health(context, "game").getStatus().equals(Status.UP));
				assertThat(status(context, "tcpBackend")).isEqualTo(Status.DOWN);
				assertThat(status(context, "readiness")).isEqualTo(Status.UP);
			});
	}

	@Test
	void whatIsRequiredAboveAllFleetsIsThatOfTheFleetThatClaimsIt() {
		this.runner.withPropertyValues("backend.tcp.health.required-services=Battle-1").run((context) -> {
			assertThat(health(context, "game").getStatus()).isEqualTo(Status.DOWN);
			assertThat(health(context, "chat").getStatus()).isEqualTo(Status.UNKNOWN);
			this.discovery.push(at("battle-1", "1"), unreachable("game"), unreachable("chat"));
			await().until(() -> health(context, "game").getStatus().equals(Status.UP));
			await().until(() -> !groups(context, "chat").isEmpty());
			assertThat(groups(context, "game")).containsOnlyKeys("battle-1");
			assertThat(health(context, "chat").getStatus()).as("is not required").isEqualTo(Status.UNKNOWN);
			assertThat(status(context, "tcpBackend")).isEqualTo(Status.UP);
			this.discovery.push(at("battle-1", "1"), at("chat", "1"));
			await().until(() -> health(context, "chat").getStatus().equals(Status.UP));
		});
	}

	@Test
	void whatAFleetRequiresItselfReplacesWhatIsRequiredAboveAllFleets() {
		this.runner
			.withPropertyValues("backend.tcp.health.required-services=game,chat",
					"backend.tcp.fleets.game.health.required-services=battle-1")
			.run((context) -> {
				assertThat(groups(context, "game")).containsOnlyKeys("battle-1");
				assertThat(groups(context, "chat")).containsOnlyKeys("chat");
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "backend.tcp.fleets.chat.health.required-services|services that the fleet 'chat' claims",
					"backend.tcp.health.required-services|services that one of the fleets [chat, game] claims" })
	void whenAServiceIsRequiredThatTheFleetDoesNotClaimThenTheStartFails(String property, String expected) {
		this.runner.withPropertyValues(property + "=lobby")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(property, "'lobby'",
					expected));
	}

	@Test
	void whenAServiceIsRequiredThatTheOneBackendDoesNotServeThenTheStartFails() {
		this.runner
			.withPropertyValues("backend.tcp.fleets.game.enabled=false", "backend.tcp.fleets.chat.enabled=false",
					"backend.tcp.health.required-services=lobby")
			.run((context) -> assertThat(context).hasNotFailed());
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					TcpBackendAutoConfiguration.class, TcpBackendHealthContributorAutoConfiguration.class))
			.withBean(InMemoryDiscovery.class)
			.withBean(LineCodec.class)
			.withPropertyValues("backend.tcp.services=game", "backend.tcp.health.required-services=lobby")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"backend.tcp.health.required-services", "'lobby'", "services that are among backend.tcp.services"));
	}

	@Test
	void whenThereIsOneFleetThenItHasItsPlaceAsWell() {
		this.runner.withPropertyValues("backend.tcp.fleets.chat.enabled=false")
			.run((context) -> assertThat(health(context, "game").getStatus()).isEqualTo(Status.UNKNOWN));
	}

	private static Health health(ApplicationContext context, String fleet) {
		CompositeHealthContributor composite = context.getBean("tcpBackendHealthContributor",
				CompositeHealthContributor.class);
		HealthIndicator indicator = (HealthIndicator) Objects
			.requireNonNull(composite.getContributor(fleet + "TcpBackend"));
		return Objects.requireNonNull(indicator.health());
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Object> groups(ApplicationContext context, String fleet) {
		return (Map<String, Object>) Objects.requireNonNull(health(context, fleet).getDetails().get("groups"));
	}

	private static Status status(ApplicationContext context, String... path) {
		HealthDescriptor health = context.getBean(HealthEndpoint.class).healthForPath(path);
		return Objects.requireNonNull(health).getStatus();
	}

	private DiscoveredInstance at(String service, String id) {
		return new DiscoveredInstance(service, id, "tcp", "127.0.0.1", this.server.port(), List.of(), Map.of());
	}

	private static DiscoveredInstance unreachable(String service) {
		return new DiscoveredInstance(service, "away", "tcp", "127.0.0.1", 1, List.of(), Map.of());
	}

}
