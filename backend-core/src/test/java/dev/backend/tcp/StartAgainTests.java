package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.ServiceDiscovery;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * A backend that is stopped can be started again.
 */
@Timeout(60)
class StartAgainTests {

	@RegisterExtension
	private final TcpFixture tcp = new TcpFixture();

	private static String ask(TcpBackend<Frame> backend) throws Exception {
		return backend.request("game", Route.any(), Frame.request(1, "hello"), TcpFixture.LONG).get().text();
	}

	@Test
	void whenStartedAgainThenItConnectsAndAnswersAgain() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		for (int i = 0; i < 3; i++) {
			assertThat(ask(backend)).isEqualTo("hello");
			backend.stop();
			assertThat(backend.running()).isFalse();
			assertThat(backend.services()).isEmpty();
			assertThat(backend.trySend("game", Route.any(), Frame.push(""))).isEqualTo(SendResult.NO_INSTANCE);
			await().until(() -> server.connections().isEmpty());
			backend.start();
			TcpFixture.ready(backend);
		}
		assertThat(ask(backend)).isEqualTo("hello");
	}

	@Test
	void whenItIsNotStartedThenWhatIsAskedOfItSaysSo() throws Exception {
		this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = TcpBackend.builder()
			.name("asked")
			.discovery(this.tcp.discovery())
			.build(new Frame.Codec(), this.tcp.handler());
		this.tcp.closeLast(backend);
		assertRefused(backend, "asked is not started yet");
		backend.start();
		TcpFixture.ready(backend);
		TcpGroup<Frame> group = backend.group("game");
		TcpService<Frame> service = backend.getService("game", "game-1");
		backend.stop();
		assertRefused(backend, "asked is stopped");
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> group.select(Route.any()))
			.withMessage("No usable service game for any: asked is stopped; 0 known: {}");
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> service.send(Frame.push("x")))
			.withMessage(service + ": not connected (CLOSED: asked is stopped)");
		backend.start();
		TcpFixture.ready(backend);
		assertThat(backend.select("game", Route.any())).isNotSameAs(service);
		backend.close();
		assertRefused(backend, "asked is closed");
	}

	private static void assertRefused(TcpBackend<Frame> backend, String reason) {
		String message = "No service 'game': " + reason;
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.select("game", Route.any()))
			.withMessage(message);
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.send("game", Route.any(), Frame.push("x")))
			.withMessage(message);
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.send("game", "game-1", Frame.push("x")))
			.withMessage(message);
		assertThat(backend.request("game", Route.any(), Frame.request(1, ""), TcpFixture.LONG))
			.failsWithin(TcpFixture.LONG)
			.withThrowableOfType(ExecutionException.class)
			.havingCause()
			.withMessage(message);
		assertThat(backend.request("game", "game-1", Frame.request(1, ""), TcpFixture.LONG))
			.failsWithin(TcpFixture.LONG)
			.withThrowableOfType(ExecutionException.class)
			.havingCause()
			.withMessage(message);
	}

	@Test
	void whenStartedAgainThenSettingsAndCountersStayAndDrainsAreForgotten() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start());
		ask(backend);
		backend.settings(backend.settings().withDispatch(DispatchMode.CONCURRENT));
		backend.drain("game", "game-1").get();
		TcpCounters counters = backend.group("game").counters();
		backend.stop();
		assertThat(backend.drained()).isEmpty();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.undrain("game", "game-1"));
		backend.start();
		TcpFixture.ready(backend);
		assertThat(backend.drained()).isEmpty();
		assertThat(backend.settings().dispatch()).isEqualTo(DispatchMode.CONCURRENT);
		assertThat(backend.group("game").counters()).isSameAs(counters);
		assertThat(counters.connects()).isEqualTo(2);
		assertThat(counters.replies()).isOne();
	}

	@Test
	void whenStartedAgainThenEventsOfTheOldLifeEndBeforeThoseOfTheNewBegin() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
		AtomicInteger changes = new AtomicInteger();
		TcpBackend<Frame> backend = this.tcp.start(TcpFixture.fast(), this.tcp.handler(), new BackendListener() {
			@Override
			public void onAdded(BackendService service) {
				events.add("added");
			}

			@Override
			public void onReady(BackendService service) {
				events.add("ready");
			}

			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				events.add("disconnected");
			}

			@Override
			public void onRemoved(BackendService service) {
				events.add("removed");
			}
		});
		backend.onServicesChanged(changes::incrementAndGet);
		await().until(() -> events.contains("ready"));
		backend.stop();
		int before = changes.get();
		backend.start();
		await().until(() -> events.size() == 6);
		assertThat(events).containsExactly("added", "ready", "disconnected", "removed", "added", "ready");
		await().until(() -> changes.get() > before);
	}

	@Test
	void whenStoppedByItsOwnHandlerThenTheNextStartWaitsForTheEnd() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		AtomicReference<TcpBackend<Frame>> stopping = new AtomicReference<>();
		CountDownLatch stopped = new CountDownLatch(1);
		AtomicReference<Throwable> refusal = new AtomicReference<>();
		CountDownLatch busy = new CountDownLatch(1);
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(TcpFixture.fast(), new TcpHandler<>() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				TcpBackend<Frame> own = stopping.get();
				own.stop();
				try {
					own.start();
				}
				catch (IllegalStateException ex) {
					refusal.set(ex);
				}
				stopped.countDown();
				busy.await();
			}
		}));
		stopping.set(backend);
		server.sendToAll(Frame.push("stop"));
		stopped.await();
		assertThat(refusal.get()).hasMessage(
				"backend-tcp: start() on a thread of the run that is being stopped " + "(expected: another thread)");
		Thread starter = new Thread(backend::start);
		starter.start();
		await().until(() -> starter.getState() == Thread.State.WAITING);
		assertThat(backend.running()).isFalse();
		busy.countDown();
		starter.join();
		TcpFixture.ready(backend);
		assertThat(ask(backend)).isEqualTo("hello");
	}

	@Test
	void whenTheExecutorIsTheUsersThenTheNextStartWaitsForItsCallbacksToo() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		ExecutorService executor = Executors.newCachedThreadPool();
		this.tcp.closeLast(executor::shutdownNow);
		ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
		CountDownLatch disconnecting = new CountDownLatch(1);
		CountDownLatch disconnected = new CountDownLatch(1);
		TcpHandler<Frame> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				events.add("connected");
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) throws Exception {
				disconnecting.countDown();
				disconnected.await();
				events.add("disconnected");
			}
		};
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(new Frame.Codec(), handler, (builder) -> builder.handlerExecutor(executor)));
		Thread restarter = new Thread(() -> {
			backend.stop();
			backend.start();
		});
		restarter.start();
		disconnecting.await();
		assertThat(events).containsExactly("connected");
		disconnected.countDown();
		restarter.join();
		TcpFixture.ready(backend);
		assertThat(events).containsExactly("connected", "disconnected", "connected");
	}

	@Test
	void whenStoppedWhileARunIsMadeThenThatRunIsNotStartedAndTheNextOneIs() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		AtomicInteger made = new AtomicInteger();
		CountDownLatch making = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		TcpBackend<Frame> backend = TcpBackend.builder()
			.name("overtaken")
			.discovery(this.tcp.discovery())
			.clientCustomizer((client) -> {
				if (made.getAndIncrement() == 0) {
					making.countDown();
					awaitOn(go);
				}
				return client;
			})
			.build(new Frame.Codec(), this.tcp.handler());
		Thread slow = new Thread(backend::start);
		slow.start();
		making.await();
		assertThat(backend.running()).isFalse();
		assertThatIllegalStateException().isThrownBy(backend::start)
			.withMessage("overtaken: start() when STARTING (expected: STOPPED)");
		backend.stop();
		backend.start();
		TcpFixture.ready(backend);
		go.countDown();
		slow.join();
		assertThat(backend.running()).isTrue();
		assertThat(ask(backend)).isEqualTo("hello");
		assertThat(server.connections()).hasSize(1);
		backend.close();
		await().until(() -> threads("overtaken-").isEmpty() && server.connections().isEmpty());
	}

	@Test
	void whenTheClientCannotBeCustomizedThenTheStartFailsAndCanBeRepeated() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		AtomicInteger attempts = new AtomicInteger();
		try (TcpBackend<Frame> backend = TcpBackend.builder()
			.discovery(this.tcp.discovery())
			.clientCustomizer((client) -> {
				if (attempts.getAndIncrement() == 0) {
					throw new IllegalStateException("forced");
				}
				return client;
			})
			.build(new Frame.Codec(), this.tcp.handler())) {
			assertThatIllegalStateException().isThrownBy(backend::start).withMessage("forced");
			assertThat(backend.running()).isFalse();
			backend.start();
			TcpFixture.ready(backend);
		}
	}

	@Test
	void whenStoppedWhileSomebodyWaitsForReadinessThenTheWaitEnds() throws Exception {
		this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = this.tcp.start(TcpFixture.fast(), new TcpHandler<>() {
			@Override
			public boolean marksReady() {
				return true;
			}
		});
		await().until(() -> !backend.services().isEmpty());
		AtomicReference<Boolean> ready = new AtomicReference<>();
		Thread waiting = new Thread(() -> {
			try {
				ready.set(backend.awaitReady(Duration.ofHours(1)));
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		waiting.start();
		await().until(() -> waiting.getState() == Thread.State.WAITING);
		backend.stop();
		waiting.join();
		assertThat(ready.get()).isFalse();
		assertThat(backend.awaitReady(Duration.ofHours(1))).isFalse();
	}

	private static void awaitOn(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void whenStartedTwiceThenTheSecondIsRefused() {
		TcpBackend<Frame> backend = this.tcp.start();
		assertThatIllegalStateException().isThrownBy(backend::start)
			.withMessage("backend-tcp: start() when STARTED (expected: STOPPED)");
		assertThat(backend.running()).isTrue();
	}

	@Test
	void whenClosedThenItIsNotStartedAgain() {
		TcpBackend<Frame> backend = this.tcp.start();
		backend.close();
		backend.stop();
		assertThatIllegalStateException().isThrownBy(backend::start)
			.withMessage("backend-tcp: start() when CLOSED (expected: STOPPED)");
	}

	@Test
	void whenNotStartedYetThenLookUpsFindNothingAndWaitingIsRefused() {
		TcpBackend<Frame> backend = TcpBackend.builder()
			.discovery(this.tcp.discovery())
			.build(new Frame.Codec(), this.tcp.handler());
		assertThat(backend.groups()).isEmpty();
		assertThat(backend.holds()).isEmpty();
		assertThat(backend.drained()).isEmpty();
		assertThat(backend.suspended()).isEmpty();
		assertThat(backend.holdsStarted()).isZero();
		assertThat(backend.ownsCurrentThread()).isFalse();
		assertThatIllegalStateException().isThrownBy(() -> backend.awaitReady(Duration.ZERO))
			.withMessage("backend-tcp: awaitReady before the first start (expected: after it)");
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> ask(backend))
			.withMessageContaining("No service 'game'");
		backend.stop();
		backend.close();
	}

	@Test
	void whenDiscoveryRefusesThenTheStartFailsAndCanBeRepeated() throws Exception {
		this.tcp.discoveredServer(TestServer.echo(""));
		AtomicInteger attempts = new AtomicInteger();
		ServiceDiscovery failingOnce = new ServiceDiscovery() {
			@Override
			public Subscription subscribe(DiscoveryListener listener) {
				if (attempts.incrementAndGet() == 1) {
					throw new IllegalStateException("forced");
				}
				return StartAgainTests.this.tcp.discovery().subscribe(listener);
			}

			@Override
			public DiscoveryStatus status() {
				return StartAgainTests.this.tcp.discovery().status();
			}
		};
		try (TcpBackend<Frame> backend = TcpBackend.builder()
			.name("again")
			.discovery(failingOnce)
			.build(new Frame.Codec(), this.tcp.handler())) {
			assertThatIllegalStateException().isThrownBy(backend::start).withMessage("forced");
			assertThat(backend.running()).isFalse();
			await().until(() -> threads("again-").isEmpty());
			backend.start();
			TcpFixture.ready(backend);
		}
	}

	@Test
	void whenStartedAndStoppedManyTimesThenNoThreadIsLeft() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.name("many"));
		for (int i = 0; i < 20; i++) {
			if (i % 2 == 0) {
				TcpFixture.ready(backend);
			}
			backend.stop();
			await().until(() -> threads("many-").isEmpty());
			backend.start();
		}
		backend.close();
		await().until(() -> threads("many-").isEmpty() && server.connections().isEmpty());
	}

	@Test
	void whenManyThreadsStartAndStopThenOneRunIsLeftAtMost() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.echo(""));
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.name("race"));
		ConcurrentLinkedQueue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			Random random = new Random(i);
			Thread thread = new Thread(() -> {
				for (int step = 0; step < 40; step++) {
					startOrStop(backend, random.nextBoolean(), unexpected);
				}
			});
			threads.add(thread);
			thread.start();
		}
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(unexpected).isEmpty();
		backend.stop();
		await().until(() -> threads("race-").isEmpty() && server.connections().isEmpty());
		backend.start();
		TcpFixture.ready(backend);
		assertThat(server.connections()).hasSize(1);
	}

	private static void startOrStop(TcpBackend<Frame> backend, boolean start, Collection<Throwable> unexpected) {
		try {
			if (start) {
				backend.start();
			}
			else {
				backend.stop();
			}
		}
		catch (IllegalStateException ex) {
			if (!String.valueOf(ex.getMessage()).contains("start() when START")) {
				unexpected.add(ex);
			}
		}
		catch (Throwable ex) {
			unexpected.add(ex);
		}
	}

	private static List<Thread> threads(String prefix) {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith(prefix))
			.toList();
	}

}
