package dev.backend.tcp;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.Availability;
import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * An instance that changes its address under its id is one service that goes there.
 */
@Timeout(60)
class TcpMoveTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final TestServer before = this.tcp.server(TestServer.echo("before"));

	private final TestServer after = this.tcp.server(TestServer.echo("after"));

	private final Calls calls = new Calls();

	private TcpBackend<Frame> start() throws Exception {
		return start(RemovalMode.ON_DISCONNECT);
	}

	/** Starts a backend that is connected with the first server. */
	private TcpBackend<Frame> start(RemovalMode mode) throws Exception {
		this.tcp.discover(instance("game-1", this.before));
		return TcpFixture.ready(this.tcp.start(fast().withRemoval(mode), this.calls, this.calls));
	}

	private static String ask(TcpBackend<Frame> backend) throws Exception {
		return backend.request("game", Route.any(), Frame.request(1, ""), LONG).get().text();
	}

	@Test
	void whenTheNewAddressDoesNotAnswerThenTheOldConnectionServesOnUntilItDoes() throws Exception {
		this.after.stop();
		TcpBackend<Frame> backend = start();
		TcpService<Frame> service = backend.getService("game", "game-1");
		service.info(AtomicInteger.class).set(42);
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> backend.group("game").counters().dialFailures() > 1);
		assertThat(ask(backend)).isEqualTo("before");
		assertThat(service.config().port()).isEqualTo(this.before.port());
		this.after.restart();
		await().until(() -> this.calls.list.size() == 10);
		assertThat(ask(backend)).isEqualTo("after");
		assertThat(backend.getService("game", "game-1")).isSameAs(service);
		assertThat(service.config().port()).isEqualTo(this.after.port());
		assertThat(service.info(AtomicInteger.class)).hasValue(42);
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> service.info(String.class))
			.withMessageContaining("AtomicInteger")
			.withMessageContaining("java.lang.String");
		await().until(() -> this.before.connections().isEmpty());
		int from = this.before.port();
		int to = this.after.port();
		assertThat(this.calls.list).containsExactly("added " + from, "connected " + from, "onConnected " + from,
				"ready " + from, "onDisconnected " + from, "disconnected " + from,
				"moved from %d to %d".formatted(from, to), "connected " + to, "onConnected " + to, "ready " + to);
	}

	@Test
	void whenAnInstanceMovesThenTheNewConnectionIsThereAndItsCallbacksWaitForTheEndOfTheOld() throws Exception {
		CompletableFuture<Void> release = this.calls.holdDisconnected();
		TcpBackend<Frame> backend = start();
		TcpService<Frame> service = backend.getService("game", "game-1");
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> !this.after.connections().isEmpty());
		await().until(() -> this.calls.list.contains("onDisconnected " + this.before.port()));
		assertThat(service.config().port()).isEqualTo(this.before.port());
		assertThat(service.state()).isEqualTo(TcpState.BACKOFF);
		assertThat(backend.find("game", Route.any())).isNull();
		assertThat(this.calls.list).noneMatch((call) -> call.endsWith(" " + this.after.port()));
		release.complete(null);
		await().until(() -> backend.find("game", Route.any()) == service);
		assertThat(this.after.connections()).as("the one that was there").hasSize(1);
		assertThat(service.counters().dials()).isEqualTo(2);
	}

	@Test
	void whenInstancesMoveThenAMapByIdHoldsWhatIsAlive() throws Exception {
		TcpBackend<Frame> backend = start();
		TcpService<Frame> service = backend.getService("game", "game-1");
		for (int round = 0; round < 20; round++) {
			TestServer next = (round % 2 == 0) ? this.after : this.before;
			this.tcp.discover(instance("game-1", next));
			await().until(() -> service.config().port() == next.port() && service.state() == TcpState.READY);
			assertThat(this.calls.byId).containsEntry("game-1", service);
		}
		assertThat(this.calls.atOnce).hasValue(0);
		assertThat(this.calls.most).hasValue(1);
	}

	@Test
	void whenWhatIsPendingIsAnsweredThenTheServiceGoes() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer slow = this.tcp.server(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("done")))));
		this.tcp.discover(instance("game-1", slow));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), this.calls, this.calls));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "x"), LONG);
		assertThat(answer).succeedsWithin(LONG);
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> service.state() == TcpState.DRAINING);
		assertThat(backend.find("game", Route.any())).isNull();
		answer.get().run();
		assertThat(reply.get().text()).isEqualTo("done");
		await().until(() -> backend.find("game", Route.any()) == service);
		assertThat(service.config().port()).isEqualTo(this.after.port());
	}

	@Test
	void whenTheOldConnectionIsLostThenTheServiceIsThereAtOnce() throws Exception {
		this.after.stop();
		TcpBackend<Frame> backend = start();
		TcpService<Frame> service = backend.getService("game", "game-1");
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> service.counters().dialFailures() > 0);
		this.before.stop();
		await().until(() -> service.config().port() == this.after.port());
		this.after.restart();
		await().until(() -> backend.find("game", Route.any()) == service);
		assertThat(this.calls.byId).containsEntry("game-1", service);
	}

	@Test
	void whenThePeerEndsTheNewConnectionBeforeItIsUsedThenAnotherIsMade() throws Exception {
		CompletableFuture<Void> release = this.calls.holdDisconnected();
		TcpBackend<Frame> backend = start();
		TcpService<Frame> service = backend.getService("game", "game-1");
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> this.calls.list.contains("onDisconnected " + this.before.port()));
		this.after.dropConnections();
		release.complete(null);
		await().until(() -> backend.find("game", Route.any()) == service);
		assertThat(ask(backend)).isEqualTo("after");
	}

	@Test
	void whenAnInstanceMovesBackBeforeItHasGoneThenItsConnectionStays() throws Exception {
		this.after.stop();
		TcpBackend<Frame> backend = start();
		TcpService<Frame> service = backend.getService("game", "game-1");
		String connection = service.connectionName();
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> service.counters().dialFailures() > 0);
		this.tcp.discover(instance("game-1", this.before, "back"));
		await().until(() -> backend.find("game", Route.any().tag("back")) == service);
		assertThat(service.connectionName()).isEqualTo(connection);
		this.after.restart();
		assertThat(this.calls.list).noneMatch((call) -> call.startsWith("moved"));
		long dials = service.counters().dials();
		await().during(fast().timings().backoffMax().multipliedBy(3)).until(() -> service.counters().dials() == dials);
		assertThat(this.after.connections()).isEmpty();
	}

	@Test
	void whenAnInstanceMovesOnBeforeItHasGoneThenItGoesToTheLastAddress() throws Exception {
		TestServer last = this.tcp.server(TestServer.echo("last"));
		CompletableFuture<Void> release = this.calls.holdDisconnected();
		TcpBackend<Frame> backend = start();
		TcpService<Frame> service = backend.getService("game", "game-1");
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> this.calls.list.contains("onDisconnected " + this.before.port()));
		this.tcp.discover(instance("game-1", last));
		await().until(() -> this.after.connections().isEmpty());
		release.complete(null);
		await().until(() -> backend.find("game", Route.any()) == service);
		assertThat(ask(backend)).isEqualTo("last");
		assertThat(this.calls.list).filteredOn((call) -> call.startsWith("moved"))
			.containsExactly("moved from %d to %d".formatted(this.before.port(), last.port()));
	}

	@Test
	void whenAnInstanceLeavesWhileItMovesThenItsEndIsTold() throws Exception {
		CompletableFuture<Void> release = this.calls.holdDisconnected();
		TcpBackend<Frame> backend = start(RemovalMode.DRAIN);
		TcpService<Frame> service = backend.getService("game", "game-1");
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> this.calls.list.contains("onDisconnected " + this.before.port()));
		this.tcp.discover();
		await().until(() -> backend.findGroup("game") == null);
		assertThat(service.availability()).isEqualTo(Availability.CLOSED);
		release.complete(null);
		await().until(() -> this.calls.byId.isEmpty());
		await().until(() -> this.after.connections().isEmpty());
		assertThat(this.calls.list).last().isEqualTo("removed " + this.before.port());
	}

	@Test
	void whenTheBackendIsStoppedWhileAnInstanceMovesThenBothConnectionsEnd() throws Exception {
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer slow = this.tcp.server(
				new TestServer((socket, frame) -> answer.complete(() -> TestServer.send(socket, frame.reply("done")))));
		this.tcp.discover(instance("game-1", slow));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), this.calls, this.calls));
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> reply = service.request(Frame.request(1, "x"), LONG);
		assertThat(answer).succeedsWithin(LONG);
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> service.state() == TcpState.DRAINING && !this.after.connections().isEmpty());
		CompletableFuture<Void> stopped = CompletableFuture.runAsync(backend::stop);
		await().until(() -> this.after.connections().isEmpty());
		answer.get().run();
		assertThat(reply).succeedsWithin(LONG);
		assertThat(stopped).succeedsWithin(LONG);
		await().until(() -> slow.connections().isEmpty());
		assertThat(this.calls.list).noneMatch((call) -> call.startsWith("moved"))
			.last()
			.isEqualTo("removed " + slow.port());
	}

	@Test
	void whenAServiceIsSuspendedWhileItMovesThenNoConnectionIsLeft() throws Exception {
		CompletableFuture<Void> release = this.calls.holdDisconnected();
		TcpBackend<Frame> backend = start();
		TcpService<Frame> service = backend.getService("game", "game-1");
		this.tcp.discover(instance("game-1", this.after));
		await().until(() -> this.calls.list.contains("onDisconnected " + this.before.port()));
		assertThat(service.suspend()).succeedsWithin(LONG);
		release.complete(null);
		await().until(() -> this.after.connections().isEmpty());
		await().until(() -> service.config().port() == this.after.port());
		assertThat(service.state()).isEqualTo(TcpState.SUSPENDED);
		assertThat(service.resume()).succeedsWithin(LONG);
		await().until(() -> backend.find("game", Route.any()) == service);
	}

	/** What is called, in order, and how much of it at the same time. */
	private static final class Calls extends RecordingHandler implements BackendListener {

		final List<String> list = new CopyOnWriteArrayList<>();

		/** As an application may keep it. */
		final Map<String, BackendService> byId = new ConcurrentHashMap<>();

		final AtomicInteger atOnce = new AtomicInteger();

		final AtomicInteger most = new AtomicInteger();

		private volatile CompletableFuture<Void> release = CompletableFuture.completedFuture(null);

		/** Keeps the callback of the end of a connection until released. */
		CompletableFuture<Void> holdDisconnected() {
			CompletableFuture<Void> release = new CompletableFuture<>();
			this.release = release;
			return release;
		}

		private void add(String call, BackendService service) {
			this.most.accumulateAndGet(this.atOnce.incrementAndGet(), Math::max);
			this.list.add(call + " " + service.config().port());
			this.atOnce.decrementAndGet();
		}

		@Override
		public void onConnected(TcpConnection<Frame> connection) {
			add("onConnected", connection.service());
		}

		@Override
		public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
			add("onDisconnected", connection.service());
			this.release.join();
		}

		@Override
		public void onAdded(BackendService service) {
			this.byId.put(service.id(), service);
			add("added", service);
		}

		@Override
		public void onRemoved(BackendService service) {
			add("removed", service);
			this.byId.remove(service.id());
		}

		@Override
		public void onMoved(BackendService service, ServiceConfig from) {
			add("moved from %d to".formatted(from.port()), service);
		}

		@Override
		public void onConnected(BackendService service) {
			add("connected", service);
		}

		@Override
		public void onReady(BackendService service) {
			add("ready", service);
		}

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			add("disconnected", service);
		}

	}

}
