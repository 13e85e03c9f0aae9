package dev.backend.autoconfigure.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The ways in which Spring lets an application listen, with services of both backends.
 */
@Timeout(60)
class EventListenerTests {

	private final EchoServer server = EchoServer.start("any");

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpBackendAutoConfiguration.class, HttpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withBean(LineCodec.class)
		.withPropertyValues("backend.http.enabled=true", "backend.http.probe.interval=20ms",
				"backend.discovery.loss-confirmation=0s", "backend.tcp.removal=immediate");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void conditionsSelectByConfigurationAndState() {
		this.contextRunner.withBean(Conditional.class).run((context) -> {
			Conditional listener = context.getBean(Conditional.class);
			this.discovery.push(instance("tcp", "game", "game-1"), instance("tcp", "chat", "chat-1"),
					instance("http", "pay", "pay-1"));
			await().until(() -> listener.up.contains("pay-1") && listener.ready.contains("game-1"));
			await().until(() -> listener.game.size() == 3);
			assertThat(listener.game).containsExactly("ServiceAddedEvent game-1", "ServiceConnectedEvent game-1",
					"ServiceReadyEvent game-1");
			assertThat(listener.up).containsExactly("pay-1");
			assertThat(listener.ready).containsExactlyInAnyOrder("game-1", "chat-1");
		});
	}

	@Test
	void applicationListenersAreCalledWithTheEventsOfTheirType() {
		ReadyListener ready = new ReadyListener();
		this.contextRunner.withBean(ReadyListener.class, () -> ready).run((context) -> {
			this.discovery.push(instance("tcp", "game", "game-1"), instance("http", "pay", "pay-1"));
			await().until(() -> ready.events.size() == 2);
			this.discovery.push();
			await().until(() -> this.server.connections() == 0);
		});
		assertThat(ready.events).extracting((event) -> event.getConfig().name() + " " + event.getState())
			.containsExactlyInAnyOrder("game READY", "pay UP");
		assertThat(ready.threads).allMatch((thread) -> thread.matches("(tcp|http)Backend-handler.*"));
	}

	@Test
	void whenManyServicesComeAndGoThenTheEventsOfEachAreInOrder() {
		Recorder recorder = new Recorder();
		this.contextRunner.withBean(Recorder.class, () -> recorder).run((context) -> {
			List<DiscoveredInstance> instances = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				instances.add(instance("tcp", "game", "game-" + i));
				instances.add(instance("http", "pay", "pay-" + i));
			}
			this.discovery.push(instances.toArray(DiscoveredInstance[]::new));
			await().until(() -> recorder.events.size() == 40
					&& recorder.events.values().stream().allMatch((events) -> events.contains("Ready")));
			this.discovery.push();
			await().until(() -> recorder.events.values().stream().allMatch((events) -> events.contains("Removed")));
		});
		assertThat(recorder.events.values()).allSatisfy((events) -> assertThat(String.join(" ", events))
			.matches("Added( Connected( Ready)? Disconnected)+ Removed"));
	}

	private DiscoveredInstance instance(String scheme, String service, String id) {
		return new DiscoveredInstance(service, id, scheme, "127.0.0.1", this.server.port(), List.of(), Map.of());
	}

	static class Conditional {

		private final List<String> game = new CopyOnWriteArrayList<>();

		private final List<String> up = new CopyOnWriteArrayList<>();

		private final List<String> ready = new CopyOnWriteArrayList<>();

		@EventListener(condition = "#event.config.name == 'game'")
		void onGame(BackendServiceEvent event) {
			this.game.add(event.getClass().getSimpleName() + " " + event.getConfig().id());
		}

		@EventListener(condition = "#event.state == 'UP'")
		void onUp(ServiceReadyEvent event) {
			this.up.add(event.getConfig().id());
		}

		@EventListener(condition = "#event.state == 'READY'")
		void onReady(ServiceReadyEvent event) {
			this.ready.add(event.getConfig().id());
		}

	}

	static class ReadyListener implements ApplicationListener<ServiceReadyEvent> {

		private final List<ServiceReadyEvent> events = new CopyOnWriteArrayList<>();

		private final List<String> threads = new CopyOnWriteArrayList<>();

		@Override
		public void onApplicationEvent(ServiceReadyEvent event) {
			this.threads.add(Thread.currentThread().getName());
			this.events.add(event);
		}

	}

	static class Recorder {

		private final Map<String, List<String>> events = new ConcurrentHashMap<>();

		@EventListener
		void on(BackendServiceEvent event) {
			this.events.computeIfAbsent(event.getConfig().id(), (id) -> new CopyOnWriteArrayList<>())
				.add(event.getClass().getSimpleName().replace("Service", "").replace("Event", ""));
		}

	}

}
