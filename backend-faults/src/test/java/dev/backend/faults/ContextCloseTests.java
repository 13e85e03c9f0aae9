package dev.backend.faults;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

import dev.backend.autoconfigure.event.ServiceReadyEvent;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application that is closed in the middle of a fault ends soon, and nothing of it is
 * left: no thread, no request without an end, and, since its backends are garbage, no
 * timer. Buffers are the business of the leak check of all tests. The time is promised to
 * be 10 s with the default settings; it is logged, and ten times as much fails.
 */
@Timeout(200)
@SlowTest
class ContextCloseTests {

	private static final Logger logger = LoggerFactory.getLogger(ContextCloseTests.class);

	private static final Duration PROMISED = Duration.ofSeconds(10);

	/** Of the drain and of the deregistration, but for all faults at once. */
	private static final String TIMEOUT = System.getProperty("faults.close.timeout", "300ms");

	/** Threads that the JVM and libraries start once, for everybody. */
	private static final Pattern SHARED = Pattern
		.compile("(parallel|boundedElastic|single|globalEventExecutor|ForkJoinPool|CompletableFuture"
				+ "|HttpClient|process reaper|Common-Cleaner|junit|surefire|note-peer|redis-server-output|spring.cloud.inetutils|fault-proxy|awaitility).*");

	private final Set<Thread> before = Thread.getAllStackTraces().keySet();

	@ParameterizedTest
	@EnumSource
	void whenClosedInTheMiddleOfAFaultThenNothingIsLeft(CloseFault fault) throws Exception {
		try (CloseScene scene = new CloseScene(RegistryServer.redis())) {
			if (fault != CloseFault.ALL_AT_ONCE) {
				scene.properties.add("backend.tcp.drain-timeout=" + TIMEOUT);
				scene.properties.add("backend.discovery.redis.close-timeout=" + TIMEOUT);
			}
			fault.strike(scene);
			assertClosesWithoutRest(scene, fault.name());
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "THE_REGISTRY_IS_SUSPENDED", "THE_REGISTRY_IS_DEAD" })
	void whenClosedWhileConsulIsAwayThenNothingIsLeft(CloseFault fault) throws Exception {
		try (CloseScene scene = new CloseScene(RegistryServer.consul())) {
			fault.strike(scene);
			assertClosesWithoutRest(scene, "CONSUL: " + fault);
		}
	}

	@Test
	void whenClosedInTheMiddleOfItsStartThenItDoesNotWaitForServices() throws Exception {
		try (CloseScene scene = new CloseScene(RegistryServer.redis())) {
			scene.addFull();
			scene.properties.add("backend.tcp.await-ready=10m");
			scene.properties.add("backend.http.await-ready=10m");
			scene.handler.onConnected = (service) -> scene.handler.called.countDown();
			Thread starter = new Thread(scene::start, "starter");
			starter.start();
			scene.awaitHandler();
			assertClosesWithoutRest(scene, "STARTING");
			starter.join();
		}
	}

	@Test
	void whenClosedByAHandlerThenItEndsInTheBackground() throws Exception {
		try (CloseScene scene = new CloseScene(RegistryServer.redis())) {
			scene.startReady();
			ConfigurableApplicationContext context = scene.context();
			scene.handler.onMessage = (service) -> {
				context.close();
				scene.handler.called.countDown();
			};
			scene.services().get(0).send(Note.push(NotePeer.PING));
			scene.awaitHandler();
			await().until(() -> !context.isActive());
			assertThreadsEnd();
		}
	}

	@Test
	void whenClosedByAListenerOfEventsThenItEndsInTheBackground() throws Exception {
		try (CloseScene scene = new CloseScene(RegistryServer.redis())) {
			scene.startReady();
			ConfigurableApplicationContext context = scene.context();
			context.addApplicationListener((ApplicationListener<ServiceReadyEvent>) (event) -> {
				context.close();
				scene.handler.called.countDown();
			});
			scene.proxies.get(0).reset();
			scene.awaitHandler();
			await().until(() -> !context.isActive());
			assertThreadsEnd();
		}
	}

	private void assertClosesWithoutRest(CloseScene scene, String name) throws Exception {
		List<WeakReference<?>> backends = backends(scene);
		long began = System.nanoTime();
		scene.context().close();
		Duration took = Duration.ofNanos(System.nanoTime() - began);
		logger.info("{}: closed within {} ms (promised: {} s)", name, took.toMillis(), PROMISED.toSeconds());
		assertThat(scene.requests).as("settled").allMatch(CompletableFuture::isDone);
		scene.context().close();
		assertThat(took).isLessThan(PROMISED.multipliedBy(10));
		assertNothingIsLeft(scene, backends);
	}

	private void assertNothingIsLeft(CloseScene scene, List<WeakReference<?>> backends) {
		assertThreadsEnd();
		scene.forget();
		await().untilAsserted(() -> {
			System.gc();
			assertThat(backends).allMatch((backend) -> backend.refersTo(null));
		});
	}

	private void assertThreadsEnd() {
		await().untilAsserted(() -> assertThat(threads()).isEmpty());
	}

	/** The codec stands for all that handles messages. */
	private static List<WeakReference<?>> backends(CloseScene scene) {
		return List.of(new WeakReference<>(scene.tcp()), new WeakReference<>(scene.http()),
				new WeakReference<>(scene.context().getBean(NoteCodec.class)));
	}

	/** The threads that were not there before, and where they are. */
	private List<String> threads() {
		List<String> left = new ArrayList<>();
		Thread.getAllStackTraces().forEach((thread, stack) -> {
			if (!this.before.contains(thread) && !SHARED.matcher(thread.getName()).matches()) {
				left.add(thread.getName() + " at " + List.of(stack).subList(0, Math.min(8, stack.length)));
			}
		});
		return left;
	}

}
