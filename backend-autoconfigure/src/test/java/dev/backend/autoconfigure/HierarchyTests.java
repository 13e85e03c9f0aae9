package dev.backend.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.endpoint.BackendsEndpoint;
import dev.backend.autoconfigure.endpoint.BackendsEndpointAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.event.BackendServiceEvent;
import dev.backend.autoconfigure.event.ServiceReadyEvent;
import dev.backend.autoconfigure.health.TcpBackendHealthContributorAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.metrics.BackendMetricsAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.autoconfigure.tcp.TcpBackendBuilderCustomizer;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.TextCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A backend in a parent context, and a child with auto-configuration of its own.
 */
@Timeout(60)
class HierarchyTests {

	private final EchoServer server = EchoServer.start("game-1");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpBackendAutoConfiguration.class, TcpBackendHealthContributorAutoConfiguration.class,
				BackendMetricsAutoConfiguration.class))
		.withPropertyValues("backend.tcp.drain-timeout=1s");

	private final ApplicationContextRunner parentRunner = this.runner
		.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(this.server.instance()))
		.withBean(LineCodec.class);

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void whenTheParentHasABackendThenTheChildUsesItAndLeavesItAlone() {
		this.parentRunner.run((parent) -> {
			TcpBackend<?> backend = parent.getBean(TcpBackend.class);
			child(parent, this.runner, (child) -> {
				assertThat(child.getBean(TcpBackend.class)).isSameAs(backend);
				child.stop();
				assertThat(backend.running()).as("after the child's stop").isTrue();
				assertThat(child.getBeanFactory().getBeanNamesForType(HealthContributor.class)).isEmpty();
			});
			assertThat(backend.running()).as("after the child's close").isTrue();
			await().until(() -> this.server.connections() == 1);
		});
	}

	@Test
	void whenTheParentHasFleetsThenTheChildUsesTheirBackends() {
		String[] properties = { "backend.tcp.fleets.game.services=game", "backend.http.enabled=true",
				"backend.http.fleets.pay.services=pay" };
		AutoConfigurations http = AutoConfigurations.of(HttpBackendAutoConfiguration.class);
		this.parentRunner.withConfiguration(http).withPropertyValues(properties).run((parent) -> {
			ApplicationContextRunner fleets = this.runner.withConfiguration(http).withPropertyValues(properties);
			child(parent, fleets, (child) -> {
				assertThat(child.getBean("gameTcpBackend")).isSameAs(parent.getBean("gameTcpBackend"));
				assertThat(child.getBean("payHttpBackend")).isSameAs(parent.getBean("payHttpBackend"));
			});
		});
	}

	@Test
	void whenTheParentHasNoAutoConfigurationThenTheChildMakesTheBackendOfItsCodec() {
		new ApplicationContextRunner()
			.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(this.server.instance()))
			.withBean(LineCodec.class)
			.run((parent) -> child(parent, this.runner, (child) -> {
				assertThat(child.getBean(TcpBackend.class).running()).isTrue();
				assertThat(child.getBeanFactory().containsLocalBean("tcpBackend")).isTrue();
			}));
	}

	@Test
	void whenTheChildHasMessagesOfItsOwnThenItHasABackendOfItsOwn() {
		this.parentRunner.withBean(LineHandler.class).run((parent) -> {
			TcpBackend<?>[] own = new TcpBackend<?>[1];
			child(parent, this.runner.withBean(Texts.class), (child) -> {
				own[0] = child.getBean("tcpBackend", TcpBackend.class);
				assertThat(own[0]).isNotSameAs(parent.getBean("tcpBackend"));
				assertThat(own[0].running()).isTrue();
			});
			assertThat(own[0].running()).isFalse();
			assertThat(parent.getBean(TcpBackend.class).running()).isTrue();
		});
	}

	@Test
	void whenTheChildHasABackendOfItsOwnThenItIsTheChildThatConfiguresIt() {
		this.parentRunner.withPropertyValues("backend.tcp.removal=immediate")
			.run((parent) -> child(parent,
					this.runner.withUserConfiguration(OfChild.class)
						.withBean("other", InMemoryDiscovery.class, () -> new InMemoryDiscovery(this.server.instance()))
						.withPropertyValues("backend.tcp.removal=drain", "backend.tcp.publish-traffic-events=true"),
					(child) -> {
						TcpBackend<?> own = child.getBean("tcpBackend", TcpBackend.class);
						assertThat(own.settings().removal()).isEqualTo(RemovalMode.DRAIN);
						OfChild ofChild = child.getBean(OfChild.class);
						assertThat(ofChild.customized).hasSize(1);
						await().untilAsserted(
								() -> assertThat(ofChild.events).anyMatch(ServiceReadyEvent.class::isInstance));
						assertThat(ofChild.listened).isNotEmpty()
							.allMatch((service) -> service.backend().equals("tcpBackend"));
						assertThat(child.getBean("other", InMemoryDiscovery.class).subscriptions()).isEqualTo(1);
						assertThat(parent.getBean(InMemoryDiscovery.class).subscriptions()).isEqualTo(1);
					}));
	}

	@Test
	void whenTheParentHasABuilderOfTheApplicationThenThatIsInjected() {
		TcpBackend.Builder builder = TcpBackend.builder().discovery(new InMemoryDiscovery());
		this.parentRunner.withBean("ours", TcpBackend.Builder.class, () -> builder)
			.run((parent) -> child(parent, this.runner.withBean(OfBuilder.class),
					(child) -> assertThat(child.getBean(OfBuilder.class).builder()).isSameAs(builder)));
	}

	@Test
	void whenBothHaveFleetsThenEachHasThoseThatNoParentHas() {
		this.parentRunner.withPropertyValues("backend.tcp.fleets.game.services=game")
			.run((parent) -> child(parent,
					this.runner.withBean(Texts.class)
						.withPropertyValues("backend.tcp.fleets.game.services=game",
								"backend.tcp.fleets.chat.services=chat", "backend.tcp.fleets.chat.removal=drain"),
					(child) -> {
						assertThat(child.getBeanFactory().containsLocalBean("gameTcpBackend")).isFalse();
						TcpBackend<?> chat = child.getBean("chatTcpBackend", TcpBackend.class);
						assertThat(chat.settings().removal()).isEqualTo(RemovalMode.DRAIN);
						assertThat(parent.containsBean("chatTcpBackend")).isFalse();
					}));
	}

	@Test
	void whenTheChildHasABackendOfItsOwnThenItShowsThatToo() {
		ApplicationContextRunner parents = this.parentRunner
			.withConfiguration(AutoConfigurations.of(BackendsEndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=backends");
		ApplicationContextRunner children = this.runner.withBean(Texts.class)
			.withConfiguration(AutoConfigurations.of(BackendsEndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=backends");
		parents.run((parent) -> child(parent, children, (child) -> {
			assertThat(child.getBean(BackendsEndpoint.class).backends().backends()).containsOnlyKeys("tcpBackend",
					"parent.tcpBackend");
			assertThat(parent.getBean(BackendsEndpoint.class).backends().backends()).containsOnlyKeys("tcpBackend");
			assertThat(child.getBeanFactory().getBeanNamesForType(HealthContributor.class))
				.containsExactly("tcpBackendHealthContributor");
		}));
	}

	@Test
	void whenTheChildIsRefreshedThenTheBackendOfTheParentStaysAsItIs() {
		this.parentRunner.run((parent) -> {
			TcpBackend<?> backend = parent.getBean(TcpBackend.class);
			child(parent, this.runner, (child) -> {
				child.getEnvironment()
					.getPropertySources()
					.addFirst(new MapPropertySource("changed", Map.of("backend.tcp.removal", "drain")));
				child.publishEvent(new EnvironmentChangeEvent(child, Set.of("backend.tcp.removal")));
				assertThat(backend.settings().removal()).isNotEqualTo(RemovalMode.DRAIN);
			});
		});
	}

	@Test
	void metersOfTheParentAreNotThoseOfTheChild() {
		SimpleMeterRegistry meters = new SimpleMeterRegistry();
		this.parentRunner.run((parent) -> child(parent, this.runner, (child) -> {
			parent.getBeanProvider(MeterBinder.class).forEach((binder) -> binder.bindTo(meters));
			int before = meters.getMeters().size();
			assertThat(before).isPositive();
			SimpleMeterRegistry ofChild = new SimpleMeterRegistry();
			child.getBeanFactory()
				.getBeansOfType(MeterBinder.class)
				.values()
				.forEach((binder) -> binder.bindTo(ofChild));
			assertThat(ofChild.getMeters()).isEmpty();
		}));
	}

	private static void child(ConfigurableApplicationContext parent, ApplicationContextRunner runner,
			Consumer<AssertableApplicationContext> consumer) {
		runner.withParent(parent).run((child) -> {
			assertThat(child).hasNotFailed();
			consumer.accept(child);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class OfChild implements TcpBackendBuilderCustomizer, BackendListener {

		private final List<TcpBackend.Builder> customized = new CopyOnWriteArrayList<>();

		private final List<BackendServiceEvent> events = new CopyOnWriteArrayList<>();

		private final List<BackendService> listened = new CopyOnWriteArrayList<>();

		@Bean
		Texts texts() {
			return new Texts();
		}

		@EventListener
		void onEvent(BackendServiceEvent event) {
			this.events.add(event);
		}

		@Override
		public void customize(TcpBackend.Builder builder) {
			this.customized.add(builder);
		}

		@Override
		public void onReady(BackendService service) {
			this.listened.add(service);
		}

	}

	record OfBuilder(TcpBackend.Builder builder) {

	}

	static class LineHandler implements TcpHandler<Line> {

	}

	static class Texts extends TextCodec {

		Texts() {
			super(DelimiterFraming.line(), StandardCharsets.UTF_8);
		}

	}

}
