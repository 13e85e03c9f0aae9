package dev.backend.autoconfigure.event;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.Availability;
import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.tcp.TcpBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class BackendEventTests {

	private final EchoServer server = EchoServer.start("game-1");

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withBean(LineCodec.class)
		.withBean(EventRecorder.class)
		.withPropertyValues("backend.tcp.connect.backoff-initial=1ms");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void eventsOfAServiceComeInOrderAndOffTheEventLoops() {
		this.contextRunner.run((context) -> {
			EventRecorder recorder = context.getBean(EventRecorder.class);
			this.discovery.push(this.server.instance());
			await().until(() -> recorder.names().contains("ServiceReadyEvent"));
			this.server.disconnectAll();
			await().until(() -> recorder.names().size() >= 6);
			this.discovery.push();
			this.server.close();
			await().until(() -> recorder.names().contains("ServiceRemovedEvent"));
			assertThat(recorder.names())
				.startsWith("ServiceAddedEvent", "ServiceConnectedEvent", "ServiceReadyEvent",
						"ServiceDisconnectedEvent", "ServiceConnectedEvent", "ServiceReadyEvent")
				.endsWith("ServiceDisconnectedEvent", "ServiceRemovedEvent");
			assertThat(recorder.threads).allMatch((thread) -> thread.contains("handler"));
		});
	}

	@Test
	void eventsCarryServiceStateAndCause() {
		this.contextRunner.run((context) -> {
			EventRecorder recorder = context.getBean(EventRecorder.class);
			this.discovery.push(this.server.instance());
			await().until(() -> recorder.names().contains("ServiceReadyEvent"));
			BackendServiceEvent ready = recorder.events.get(2);
			assertThat(ready.getConfig().id()).isEqualTo("game-1");
			assertThat(ready.getService().id()).isEqualTo("game-1");
			assertThat(ready.getAvailability()).isEqualTo(Availability.READY);
			assertThat(ready.getTime()).isNotNull();
			assertThat(ready).hasToString("ServiceReadyEvent[" + this.server.config().label() + "]");
			this.server.disconnectAll();
			await().until(() -> recorder.names().contains("ServiceDisconnectedEvent"));
			assertThat(recorder.events).filteredOn(ServiceDisconnectedEvent.class::isInstance)
				.first()
				.extracting((event) -> ((ServiceDisconnectedEvent) event).getCause())
				.isNotNull();
		});
	}

	@Test
	void whenAServiceMovesThenTheEventSaysWhereItWas() {
		EchoServer other = EchoServer.start("game-1");
		this.contextRunner.run((context) -> {
			EventRecorder recorder = context.getBean(EventRecorder.class);
			this.discovery.push(this.server.instance());
			await().until(() -> recorder.names().contains("ServiceReadyEvent"));
			this.discovery.push(other.instance());
			await().until(() -> recorder.names().size() == 7);
			assertThat(recorder.names()).containsExactly("ServiceAddedEvent", "ServiceConnectedEvent",
					"ServiceReadyEvent", "ServiceDisconnectedEvent", "ServiceMovedEvent", "ServiceConnectedEvent",
					"ServiceReadyEvent");
			ServiceMovedEvent moved = (ServiceMovedEvent) recorder.events.get(4);
			assertThat(moved.getFrom()).isEqualTo(this.server.config());
			assertThat(moved.getConfig()).isEqualTo(other.config());
			assertThat(moved.getService()).isSameAs(recorder.events.get(0).getService());
		});
		other.close();
	}

	@Test
	void whenTheContextClosesThenDisconnectedAndRemovedAreStillPublished() {
		EventRecorder[] recorder = new EventRecorder[1];
		this.contextRunner.run((context) -> {
			recorder[0] = context.getBean(EventRecorder.class);
			this.discovery.push(this.server.instance());
			await().until(() -> recorder[0].names().contains("ServiceReadyEvent"));
		});
		assertThat(recorder[0].names()).endsWith("ServiceDisconnectedEvent", "ServiceRemovedEvent");
		assertThat(recorder[0].events.get(3)).extracting((event) -> ((ServiceDisconnectedEvent) event).getCause())
			.isNull();
	}

	@Test
	void whenAListenerThrowsThenTheServiceGoesOn() {
		this.contextRunner.withBean(FailingListener.class).run((context) -> {
			EventRecorder recorder = context.getBean(EventRecorder.class);
			this.discovery.push(this.server.instance());
			await().until(() -> recorder.names().contains("ServiceReadyEvent"));
		});
	}

	@Test
	void listenerBeansAreCalledInOrderAndMayWantTheBackend() {
		List<String> calls = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean("last", RecordingListener.class, () -> new RecordingListener("last", 2, calls))
			.withBean("first", RecordingListener.class, () -> new RecordingListener("first", 1, calls))
			.withBean(ListenerWithBackend.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				this.discovery.push(this.server.instance());
				await().until(() -> calls.size() == 2);
				assertThat(calls).containsExactly("first", "last");
			});
	}

	@Test
	void trafficEventsArePublishedOnlyWhenAskedFor() {
		this.contextRunner.run((context) -> {
			assertThat(context).doesNotHaveBean(TrafficEventPublisher.class);
			exchange(context.getBean(EventRecorder.class), backend(context));
			assertThat(context.getBean(EventRecorder.class).sent).hasValue(0);
		});
		this.contextRunner.withPropertyValues("backend.tcp.publish-traffic-events=true").run((context) -> {
			EventRecorder recorder = context.getBean(EventRecorder.class);
			exchange(recorder, backend(context));
			await().untilAsserted(() -> {
				assertThat(recorder.sent).hasValue("1 hello\n".length());
				assertThat(recorder.received).hasValue("1 game-1:hello\n".length());
			});
		});
	}

	private void exchange(EventRecorder recorder, TcpBackend<Line> backend) {
		this.discovery.push(this.server.instance());
		await().until(() -> recorder.names().contains("ServiceReadyEvent"));
		assertThat(backend.request("game", "game-1", new Line(1, "hello"), Duration.ofSeconds(5)).join())
			.isEqualTo(new Line(1, "game-1:hello"));
	}

	@SuppressWarnings("unchecked")
	private static TcpBackend<Line> backend(ApplicationContext context) {
		return context.getBean(TcpBackend.class);
	}

	static class EventRecorder {

		private final List<BackendServiceEvent> events = new CopyOnWriteArrayList<>();

		private final List<String> threads = new CopyOnWriteArrayList<>();

		private final AtomicLong sent = new AtomicLong();

		private final AtomicLong received = new AtomicLong();

		@EventListener
		void on(BackendServiceEvent event) {
			if (event instanceof ServiceTrafficEvent traffic) {
				this.sent.addAndGet(traffic.getSentBytes());
				this.received.addAndGet(traffic.getReceivedBytes());
				return;
			}
			this.threads.add(Thread.currentThread().getName());
			this.events.add(event);
		}

		private List<String> names() {
			return this.events.stream().map((event) -> event.getClass().getSimpleName()).toList();
		}

	}

	static class FailingListener {

		@EventListener
		@Order(Ordered.LOWEST_PRECEDENCE)
		void on(BackendServiceEvent event) {
			throw new IllegalStateException("listener failed on purpose");
		}

	}

	record RecordingListener(String name, int order, List<String> calls) implements BackendListener, Ordered {

		@Override
		public void onReady(BackendService service) {
			this.calls.add(this.name);
		}

		@Override
		public int getOrder() {
			return this.order;
		}

	}

	static class ListenerWithBackend implements BackendListener {

		ListenerWithBackend(TcpBackend<Line> backend) {
		}

	}

}
