package dev.backend.autoconfigure.event;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application events of several fleets.
 */
@Timeout(60)
class FleetEventTests {

	private final EchoServer server = EchoServer.start("1");

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(at("game"), at("chat"), at("own")))
		.withBean(LineCodec.class)
		.withBean(Listeners.class)
		.withPropertyValues("backend.tcp.fleets.game.services=game", "backend.tcp.fleets.chat.services=chat");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void anEventSaysFromWhichBackendItComes() {
		this.runner.withUserConfiguration(OwnBackend.class).run((context) -> {
			Listeners listeners = context.getBean(Listeners.class);
			await().until(() -> Stream.of("gameTcpBackend game", "chatTcpBackend chat", "mine own")
				.allMatch(listeners.ready::contains));
			assertThat(listeners.ofGame).containsExactly("gameTcpBackend game");
		});
	}

	@Test
	void withoutFleetsItIsTheNameOfTheBean() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					BackendEventAutoConfiguration.class, TcpBackendAutoConfiguration.class))
			.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(at("game")))
			.withBean(LineCodec.class)
			.withBean(Listeners.class)
			.run((context) -> await().until(() -> context.getBean(Listeners.class).ready.contains("tcpBackend game")));
	}

	@ParameterizedTest
	@CsvSource({ "backend.tcp.fleets.game.publish-traffic-events=true, backend.tcp.removal=drain",
			"backend.tcp.publish-traffic-events=true, backend.tcp.fleets.chat.publish-traffic-events=false" })
	void trafficEventsAreThoseOfTheFleetsThatAskForThem(String first, String second) {
		this.runner.withPropertyValues(first, second).run((context) -> {
			exchange(context, "chat");
			exchange(context, "game");
			Listeners listeners = context.getBean(Listeners.class);
			await().until(() -> !listeners.traffic.isEmpty());
			assertThat(context.getBean(TrafficEventPublisher.class)).isNotNull();
			assertThat(listeners.traffic).containsOnly("gameTcpBackend");
		});
	}

	@Test
	void whenNoFleetAsksForTrafficEventsThenThereAreNone() {
		this.runner.withPropertyValues("backend.tcp.fleets.game.publish-traffic-events=false")
			.run((context) -> assertThat(context).doesNotHaveBean(TrafficEventPublisher.class));
	}

	@SuppressWarnings("unchecked")
	private static void exchange(ApplicationContext context, String service) throws InterruptedException {
		TcpBackend<Line> backend = context.getBean(service + "TcpBackend", TcpBackend.class);
		assertThat(backend.awaitReady(Duration.ofSeconds(20))).isTrue();
		backend.request(service, Route.any(), new Line(1, "hello"), Duration.ofSeconds(20)).join();
	}

	private DiscoveredInstance at(String service) {
		return new DiscoveredInstance(service, "1", "tcp", "127.0.0.1", this.server.port(), List.of(), Map.of());
	}

	static class Listeners {

		private final BlockingQueue<String> ready = new LinkedBlockingQueue<>();

		private final BlockingQueue<String> ofGame = new LinkedBlockingQueue<>();

		private final BlockingQueue<String> traffic = new LinkedBlockingQueue<>();

		@EventListener(condition = "#event.backend == 'gameTcpBackend'")
		void onReadyOfGame(ServiceReadyEvent event) {
			this.ofGame.add(event.getBackend() + " " + event.getConfig().name());
		}

		@EventListener
		void onReady(ServiceReadyEvent event) {
			this.ready.add(event.getBackend() + " " + event.getConfig().name());
		}

		@EventListener
		void onTraffic(ServiceTrafficEvent event) {
			this.traffic.add(event.getBackend());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBackend {

		@Bean
		TcpBackend<Line> own(TcpBackend.Builder builder, LineCodec codec) {
			return builder.name("mine").services((service) -> service.equals("own")).build(codec, new TcpHandler<>() {
			});
		}

	}

}
