package dev.backend.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.health.TcpBackendHealthContributorAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.metrics.BackendMetricsAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
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
import org.springframework.context.ConfigurableApplicationContext;

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

	static class LineHandler implements TcpHandler<Line> {

	}

	static class Texts extends TextCodec {

		Texts() {
			super(DelimiterFraming.line(), StandardCharsets.UTF_8);
		}

	}

}
