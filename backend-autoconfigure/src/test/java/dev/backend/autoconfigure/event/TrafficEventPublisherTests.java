package dev.backend.autoconfigure.event;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import dev.backend.Availability;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class TrafficEventPublisherTests {

	private final BackendService service = new StubService(ServiceConfig.tcp("game", "game-1", "127.0.0.1", 1));

	private final List<ServiceTrafficEvent> events = new CopyOnWriteArrayList<>();

	@Test
	void whileAListenerIsBusyWhatHappensIsAddedUpIntoOneEvent() throws InterruptedException {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		try (TrafficEventPublisher publisher = new TrafficEventPublisher((event) -> {
			this.events.add((ServiceTrafficEvent) event);
			entered.countDown();
			awaitUninterrupted(release);
		}, (backend) -> true)) {
			publisher.onSent(this.service, 1);
			entered.await();
			for (int i = 0; i < 1000; i++) {
				publisher.onSent(this.service, 2);
				publisher.onReceived(this.service, 3);
			}
			release.countDown();
			await().until(() -> this.events.size() == 2);
			publisher.onReceived(this.service, 4);
			await().until(() -> this.events.size() == 3);
		}
		assertThat(this.events).extracting(ServiceTrafficEvent::getSentBytes).containsExactly(1L, 2000L, 0L);
		assertThat(this.events).extracting(ServiceTrafficEvent::getReceivedBytes).containsExactly(0L, 3000L, 4L);
	}

	@Test
	void whenAListenerThrowsThenTheNextEventIsPublished() {
		try (TrafficEventPublisher publisher = new TrafficEventPublisher((event) -> {
			this.events.add((ServiceTrafficEvent) event);
			throw new IllegalStateException("listener failed on purpose");
		}, (backend) -> true)) {
			publisher.onSent(this.service, 1);
			await().until(() -> this.events.size() == 1);
			publisher.onSent(this.service, 1);
			await().until(() -> this.events.size() == 2);
		}
	}

	private static void awaitUninterrupted(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private record StubService(ServiceConfig config) implements BackendService {

		@Override
		public String backend() {
			return "tcpBackend";
		}

		@Override
		public Availability availability() {
			return Availability.READY;
		}

		@Override
		public <T> T info(Class<T> type) {
			throw new IllegalStateException("none");
		}

	}

}
