package dev.backend.tcp;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import dev.backend.Route;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the observers of requests are told.
 */
@Timeout(60)
class RequestObserverTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final Queue<String> ends = new ConcurrentLinkedQueue<>();

	@Test
	void whenARequestEndsThenItsObserverIsToldOnceAndFirst() throws Exception {
		TcpBackend<Frame> backend = observed(TestServer.echo("hi "));
		assertThat(backend.request("game", Route.any(), Frame.request(1, "bob"), LONG).get().text())
			.isEqualTo("hi bob");
		assertThat(this.ends).containsExactly("game REPLY null");
	}

	@Test
	void whenTheDeadlineComesThenTheOutcomeIsTimeout() throws Exception {
		TcpBackend<Frame> backend = observed(TestServer.silent());
		assertThat(backend.request("game", Route.any(), Frame.request(1, "x"), Duration.ofMillis(30)))
			.failsWithin(LONG);
		assertThat(this.ends).containsExactly("game TIMEOUT RequestTimeoutException");
	}

	@Test
	void whenTheConnectionGoesAwayThenTheOutcomeIsLost() throws Exception {
		TestServer server = TestServer.silent();
		TcpBackend<Frame> backend = observed(server);
		CompletableFuture<Frame> reply = backend.request("game", Route.any(), Frame.request(1, "x"), LONG);
		await().until(() -> server.received().size() == 1);
		server.dropConnections();
		assertThat(reply).failsWithin(LONG);
		assertThat(this.ends).containsExactly("game LOST ConnectionLostException");
	}

	@Test
	void whenTheRequestIsRefusedThenTheOutcomeIsRejected() throws Exception {
		TcpBackend<Frame> backend = observed(TestServer.silent());
		TcpService<Frame> service = backend.getService("game", "game-1");
		CompletableFuture<Frame> first = service.request(Frame.request(1, "x"), LONG);
		assertThat(service.request(Frame.request(1, "x"), LONG)).failsWithin(LONG);
		assertThat(first).isNotDone();
		assertThat(this.ends).containsExactly("game REJECTED SendRejectedException");
	}

	@Test
	void whenTheCallerGivesUpThenTheOutcomeIsCancelledWhateverComesLater() throws Exception {
		TestServer server = TestServer.silent();
		TcpBackend<Frame> backend = observed(server);
		CompletableFuture<Frame> cancelled = backend.request("game", Route.any(), Frame.request(1, "x"), LONG);
		assertThat(cancelled.cancel(false)).isTrue();
		assertThat(cancelled.cancel(false)).isTrue();
		assertThat(cancelled).isCancelled();
		CompletableFuture<Frame> timed = backend.request("game", Route.any(), Frame.request(2, "x"), LONG)
			.orTimeout(10, TimeUnit.MILLISECONDS);
		assertThat(timed).failsWithin(LONG);
		CompletableFuture<Frame> replaced = backend.request("game", Route.any(), Frame.request(3, "x"), LONG);
		assertThat(replaced.complete(Frame.push("instead"))).isTrue();
		CompletableFuture<Frame> supplied = backend.request("game", Route.any(), Frame.request(4, "x"), LONG);
		supplied.completeAsync(() -> {
			throw new IllegalStateException("expected by this test");
		}, Runnable::run);
		assertThat(supplied).isCompletedExceptionally();
		backend.close();
		assertThat(this.ends).containsExactly("game CANCELLED CancellationException", "game CANCELLED TimeoutException",
				"game CANCELLED null", "game CANCELLED IllegalStateException");
	}

	@Test
	void whenARequestWaitsThenItsTimeIsNotThatOfAnEarlierReply() throws Exception {
		Queue<Long> times = new ConcurrentLinkedQueue<>();
		CompletableFuture<Runnable> answer = new CompletableFuture<>();
		TestServer server = new TestServer((socket, frame) -> {
			if (frame.id() == 1) {
				TestServer.send(socket, frame.reply(""));
			}
			else {
				answer.complete(() -> TestServer.send(socket, frame.reply("")));
			}
		});
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", this.tcp.server(server)));
		backend.observeRequests((service, message) -> (outcome, failure, nanos) -> times.add(nanos));
		assertThat(backend.request("game", Route.any(), Frame.request(1, ""), LONG)).succeedsWithin(LONG);
		CompletableFuture<Frame> second = backend.request("game", Route.any(), Frame.request(2, ""), LONG);
		long made = System.nanoTime();
		Runnable send = answer.get();
		long answered = System.nanoTime();
		send.run();
		assertThat(second).succeedsWithin(LONG);
		assertThat(times).hasSize(2).last().satisfies((nanos) -> assertThat(nanos).isGreaterThan(answered - made));
	}

	@Test
	void whenAnObserverChangesTheMessageThenThatOneIsSent() throws Exception {
		TcpBackend<Frame> backend = observed(TestServer.echo("hi "));
		backend.observeRequests((service, message) -> new RequestObservation<>() {

			@Override
			public Frame message(Frame message) {
				return Frame.request(message.id(), message.text() + " with a trace");
			}

			@Override
			public void ended(RequestOutcome outcome, @Nullable Throwable failure, long nanos) {
				RequestObserverTests.this.ends.add("second " + outcome);
			}

		});
		assertThat(backend.request("game", Route.any(), Frame.request(1, "bob"), LONG).get().text())
			.isEqualTo("hi bob with a trace");
		assertThat(this.ends).containsExactly("game REPLY null", "second REPLY");
	}

	@Test
	void whenObserversFailThenTheRequestDoesNot() throws Exception {
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", this.tcp.server(TestServer.echo(""))));
		backend.observeRequests((service, message) -> (outcome, failure, nanos) -> {
			throw new IllegalStateException("broken end");
		});
		assertThat(backend.request("game", Route.any(), Frame.request(1, "x"), LONG).get().text()).isEqualTo("x");
		backend.observeRequests((service, message) -> (outcome, failure, nanos) -> {
			throw new AssertionError("expected by this test");
		});
		assertThat(backend.request("game", Route.any(), Frame.request(3, "z"), LONG).get().text()).isEqualTo("z");
		backend.observeRequests((service, message) -> {
			throw new IllegalStateException("broken begin");
		});
		assertThat(backend.request("game", Route.any(), Frame.request(2, "y"), LONG).get().text()).isEqualTo("y");
	}

	private TcpBackend<Frame> observed(TestServer server) throws Exception {
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", this.tcp.server(server)));
		backend.observeRequests((service, message) -> (outcome, failure, nanos) -> this.ends.add("%s %s %s"
			.formatted(service.name(), outcome, (failure != null) ? failure.getClass().getSimpleName() : null)));
		return backend;
	}

}
