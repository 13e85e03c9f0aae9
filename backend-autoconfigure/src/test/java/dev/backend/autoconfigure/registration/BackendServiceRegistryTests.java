package dev.backend.autoconfigure.registration;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import dev.backend.discovery.DiscoveredInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

@Timeout(60)
class BackendServiceRegistryTests {

	private final List<String> calls = new CopyOnWriteArrayList<>();

	private final CountDownLatch closing = new CountDownLatch(1);

	private final CountDownLatch release = new CountDownLatch(1);

	private final BackendServiceRegistry registry = new BackendServiceRegistry(new Registrar());

	@Test
	void whenADeregistrationWaitsThenOthersRegister() throws Exception {
		this.registry.register(registration("slow", 1));
		CompletableFuture<Void> waiting = CompletableFuture
			.runAsync(() -> this.registry.deregister(registration("slow", 1)));
		this.closing.await();
		this.registry.register(registration("quick", 2));
		assertThat(this.calls).containsExactly("register slow:1", "register quick:2");
		assertThat(waiting).isNotDone();
		this.release.countDown();
		waiting.join();
		assertThat(this.calls).contains("close slow:1");
	}

	@Test
	void whenAnInstanceMovesThenTheNewEntryComesBeforeTheOldOneGoes() {
		this.registry.register(registration("game", 1));
		this.registry.register(registration("game", 1));
		this.registry.register(registration("game", 2));
		assertThat(this.calls).containsExactly("register game:1", "register game:2", "close game:1");
	}

	@Test
	void whenAMoveIsRefusedThenThePresentEntryStays() {
		this.registry.register(registration("game", 1));
		assertThatIllegalArgumentException().isThrownBy(() -> this.registry.register(registration("game", 13)));
		this.registry.close();
		this.registry.close();
		assertThat(this.calls).containsExactly("register game:1", "close game:1");
	}

	private static BackendRegistration registration(String id, int port) {
		return new BackendRegistration(
				new DiscoveredInstance("game", id, "tcp", "127.0.0.1", port, List.of(), Map.of()));
	}

	private final class Registrar implements ServiceRegistrar {

		@Override
		public AutoCloseable register(DiscoveredInstance instance) {
			if (instance.port() == 13) {
				throw new IllegalArgumentException("port: 13");
			}
			String name = instance.id() + ":" + instance.port();
			BackendServiceRegistryTests.this.calls.add("register " + name);
			return () -> {
				if (instance.id().equals("slow")) {
					BackendServiceRegistryTests.this.closing.countDown();
					BackendServiceRegistryTests.this.release.await();
				}
				BackendServiceRegistryTests.this.calls.add("close " + name);
			};
		}

		@Override
		public List<RegistrationStatus> registrations() {
			return List.of();
		}

	}

}
