package dev.backend.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.SharedThreads;
import dev.backend.http.HttpBackend;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Backends that have {@link SharedThreads}.
 */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
@SlowTest
class SharedThreadsTests {

	@RegisterExtension
	private final TcpFixture tcp = new TcpFixture();

	private static List<String> threads(String name) {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((thread) -> thread.startsWith(name))
			.toList();
	}

	private static void awaitNoThread(String name) {
		await().untilAsserted(() -> assertThat(threads(name)).isEmpty());
	}

	private static String ask(TcpBackend<Frame> backend) throws Exception {
		return backend.request("game", Route.any(), Frame.request(1, "hello"), TcpFixture.LONG).get().text();
	}

	private TcpBackend<Frame> start(String name, SharedThreads threads, TcpHandler<Frame> handler) {
		return this.tcp.start(new Frame.Codec(), handler, (builder) -> builder.name(name).threads(threads));
	}

	private static TcpHandler<Frame> onMessage(Consumer<Frame> action) {
		return new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				action.accept(message);
			}
		};
	}

	@Test
	void whenNumbersAreLessThanOneThenTheyAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new SharedThreads("shared", 0, 1))
			.withMessageContaining("eventLoops: 0");
		assertThatIllegalArgumentException().isThrownBy(() -> new SharedThreads("shared", 1, 0))
			.withMessageContaining("handlerThreads: 0");
	}

	@Test
	void whenBackendsShareThenTheyHaveNoLoopsAndHandlersOfTheirOwnAndTheLastOneEndsThem() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		SharedThreads shared = new SharedThreads("shared", 1, 2);
		TcpBackend<Frame> first = TcpFixture.ready(start("first", shared, this.tcp.handler()));
		TcpBackend<Frame> second = TcpFixture.ready(start("second", shared, this.tcp.handler()));
		InMemoryDiscovery web = new InMemoryDiscovery();
		try (HttpBackend http = HttpBackend.builder().name("third").discovery(web).threads(shared).build()) {
			web.set(new DiscoveredInstance("web", "web-1", "http", "127.0.0.1", server.port(), List.of(), Map.of()));
			http.start();
			assertThat(http.awaitReady(TcpFixture.LONG)).isTrue();
			assertThat(threads("shared-io")).hasSize(1);
			assertThat(threads("shared-handler")).isNotEmpty().hasSizeLessThanOrEqualTo(2);
			assertThat(List.of(threads("first-io"), threads("second-io"), threads("third-io"), threads("first-handler"),
					threads("second-handler"), threads("third-handler")))
				.allMatch(List::isEmpty);
			first.stop();
			assertThat(ask(second)).isEqualTo("hello");
			assertThat(http.services()).allMatch((service) -> service.availability() == Availability.READY);
			first.start();
			TcpFixture.ready(first);
			assertThat(ask(first)).isEqualTo("hello");
			second.stop();
			assertThat(ask(first)).isEqualTo("hello");
			first.stop();
			assertThat(threads("shared-io")).hasSize(1);
		}
		awaitNoThread("shared");
		first.start();
		TcpFixture.ready(first);
		assertThat(ask(first)).isEqualTo("hello");
		first.stop();
		awaitNoThread("shared");
	}

	@Test
	void whenStoppedOnTheOnlyHandlerThreadOfAnotherThenItDoesNotWaitAndNoCallbackIsLost(CapturedOutput output)
			throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		SharedThreads shared = new SharedThreads("only", 1, 1);
		RecordingHandler recording = new RecordingHandler();
		TcpBackend<Frame> other = TcpFixture.ready(start("only-other", shared, recording));
		AtomicReference<Throwable> refusal = new AtomicReference<>();
		CountDownLatch stopped = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		TcpBackend<Frame> own = TcpFixture.ready(start("only-own", shared, onMessage((message) -> {
			assertThat(other.ownsCurrentThread()).isTrue();
			other.stop();
			try {
				other.start();
			}
			catch (IllegalStateException ex) {
				refusal.set(ex);
			}
			stopped.countDown();
			awaitOn(release);
		})));
		server.sendToAll(Frame.push("stop"));
		stopped.await();
		assertThat(refusal.get()).hasMessageContaining("only-other: start() on a thread of the run");
		release.countDown();
		await().until(() -> recording.calls.contains("disconnected game-1"));
		awaitNoThread("only-other");
		assertThat(ask(own)).isEqualTo("hello");
		own.close();
		awaitNoThread("only");
		assertThat(output).doesNotContain("not all callbacks have returned").doesNotContain("still running");
	}

	@Test
	void whenStoppedOnTheOnlyEventLoopOfAnotherThenItDoesNotWait() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		SharedThreads shared = new SharedThreads("loop", 1, 1);
		TcpBackend<Frame> other = TcpFixture.ready(start("loop-other", shared, this.tcp.handler()));
		TcpBackend<Frame> own = TcpFixture.ready(start("loop-own", shared, this.tcp.handler()));
		AtomicBoolean owned = new AtomicBoolean();
		own.request("game", Route.any(), Frame.request(1, "x"), TcpFixture.LONG).thenAccept((reply) -> {
			owned.set(other.ownsCurrentThread());
			if (owned.get()) {
				other.stop();
			}
		}).get();
		if (!owned.get()) {
			other.stop();
		}
		awaitNoThread("loop-other");
		assertThat(ask(own)).isEqualTo("hello");
		await().until(() -> server.connections().size() == 1);
	}

	@Test
	void whenAnotherKeepsTheOnlyHandlerThreadThenTheStopSaysSo(CapturedOutput output) throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		SharedThreads shared = new SharedThreads("kept", 1, 1);
		CountDownLatch busy = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		TcpBackend<Frame> own = TcpFixture.ready(start("kept-own", shared, this.tcp.handler()));
		TcpFixture.ready(start("kept-other", shared, onMessage((message) -> {
			busy.countDown();
			awaitOn(release);
		})));
		server.sendToAll(Frame.push("stick"));
		busy.await();
		own.stop();
		release.countDown();
		assertThat(output).contains("kept-own: others keep all handler threads").doesNotContain("is still running");
	}

	@Test
	void whenOneIsStoppedThenItsHandlerIsInterruptedAndNoOther() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		SharedThreads shared = new SharedThreads("stuck", 1, 2);
		CountDownLatch busy = new CountDownLatch(2);
		CountDownLatch release = new CountDownLatch(1);
		CountDownLatch ownInterrupted = new CountDownLatch(1);
		AtomicBoolean otherInterrupted = new AtomicBoolean();
		CountDownLatch otherDone = new CountDownLatch(1);
		TcpBackend<Frame> own = TcpFixture.ready(start("stuck-own", shared, onMessage((message) -> {
			busy.countDown();
			if (awaitOn(release)) {
				ownInterrupted.countDown();
			}
		})));
		TcpFixture.ready(start("stuck-other", shared, onMessage((message) -> {
			busy.countDown();
			otherInterrupted.set(awaitOn(release) || Thread.interrupted());
			otherDone.countDown();
		})));
		server.sendToAll(Frame.push("stick"));
		busy.await();
		own.stop();
		ownInterrupted.await();
		release.countDown();
		otherDone.await();
		assertThat(otherInterrupted).isFalse();
	}

	@Test
	void whenTheStartFailsThenItKeepsNothingOfWhatIsShared() {
		SharedThreads shared = new SharedThreads("failing", 1, 1);
		try (TcpBackend<Frame> backend = TcpBackend.builder()
			.name("failing-own")
			.discovery(this.tcp.discovery())
			.threads(shared)
			.clientCustomizer((client) -> {
				throw new IllegalStateException("forced");
			})
			.build(new Frame.Codec(), this.tcp.handler())) {
			assertThatIllegalStateException().isThrownBy(backend::start).withMessage("forced");
		}
		TcpBackend<Frame> next = start("failing-next", shared, this.tcp.handler());
		next.stop();
		awaitNoThread("failing");
	}

	/**
	 * Each thread has a backend of its own, and starts and stops it as its seed says; two
	 * more have one in common.
	 */
	@Test
	void whenManyStartAndStopAtOnceThenWhoIsStartedWorksAndNoThreadIsLeft(CapturedOutput output) throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		SharedThreads shared = new SharedThreads("random", 2, 3);
		ExecutorService executor = Executors.newFixedThreadPool(5);
		TcpBackend<Frame> common = start("random-common", shared, new RecordingHandler());
		common.stop();
		List<Future<Void>> users = new ArrayList<>();
		for (int seed = 0; seed < 3; seed++) {
			TcpBackend<Frame> backend = start("random-" + seed, shared, new RecordingHandler());
			Random random = new Random(seed);
			users.add(executor.submit(startsAndStops(backend, random)));
		}
		for (int seed = 3; seed < 5; seed++) {
			Random random = new Random(seed);
			users.add(executor.submit(restless(common, random)));
		}
		for (Future<Void> user : users) {
			user.get();
		}
		executor.shutdown();
		common.stop();
		awaitNoThread("random");
		assertThat(output).doesNotContain(" ERROR ").doesNotContain("did not end").doesNotContain("not all ");
	}

	/** The backend is started when this begins. */
	private static Callable<Void> startsAndStops(TcpBackend<Frame> backend, Random random) {
		return () -> {
			for (int i = 0; i < 60; i++) {
				if (random.nextInt(4) > 0) {
					TcpFixture.ready(backend);
					assertThat(ask(backend)).isEqualTo("hello");
				}
				backend.stop();
				if (random.nextInt(3) == 0) {
					Thread.yield();
				}
				backend.start();
			}
			backend.stop();
			return null;
		};
	}

	/** Another thread does the same with the same backend. */
	private static Callable<Void> restless(FleetBackend<?, ?> backend, Random random) {
		return () -> {
			for (int i = 0; i < 60; i++) {
				if (random.nextBoolean()) {
					backend.stop();
				}
				else {
					try {
						backend.start();
					}
					catch (IllegalStateException ex) {
						assertThat(ex).hasMessageContaining("(expected: STOPPED)");
					}
				}
			}
			return null;
		};
	}

	/** Returns whether it was interrupted. */
	private static boolean awaitOn(CountDownLatch latch) {
		try {
			latch.await();
			return false;
		}
		catch (InterruptedException ex) {
			return true;
		}
	}

}
