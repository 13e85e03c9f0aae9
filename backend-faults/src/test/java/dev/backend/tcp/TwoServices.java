package dev.backend.tcp;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.backend.Route;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.InMemoryDiscovery;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two services of one backend, on one event loop, whose servers echo. The trouble is with
 * game-1 of game; 1 of chat must not notice.
 */
final class TwoServices {

	private final TcpFixture tcp;

	private final TestServer troubled;

	private final TestServer other;

	private final Queue<String> handled = new ConcurrentLinkedQueue<>();

	private final TcpHandler<Frame> handler = new TcpHandler<>() {
		@Override
		public void onMessage(TcpConnection<Frame> connection, Frame message) {
			TwoServices.this.handled.add(connection.service().id() + " " + message.text());
		}
	};

	TwoServices(TcpFixture tcp) {
		this.tcp = tcp;
		this.troubled = tcp.server(TestServer.echo(""));
		this.other = tcp.server(TestServer.echo(""));
		tcp.discover(instance("game-1", this.troubled), InMemoryDiscovery.instance("chat", "1", this.other.port()));
	}

	/** The server of game-1. */
	TestServer troubled() {
		return this.troubled;
	}

	/** The server of the other service. */
	TestServer other() {
		return this.other;
	}

	/** What the handler was given: the id of the service and the text. */
	Queue<String> handled() {
		return this.handled;
	}

	TcpHandler<Frame> handler() {
		return this.handler;
	}

	/** Starts a backend with one event loop and waits until both are ready. */
	TcpBackend<Frame> start(MessageCodec<Frame> codec, TcpHandler<Frame> handler) throws Exception {
		return TcpFixture.ready(this.tcp.start(codec, handler, (builder) -> builder.eventLoops(1)));
	}

	/** Asks game-1. */
	static CompletableFuture<Frame> request(TcpBackend<Frame> backend, long id, String text) {
		return backend.getService("game", "game-1").request(Frame.request(id, text), LONG);
	}

	/** Game-1 answers, if not at once. */
	static void assertAnswered(TcpBackend<Frame> backend) {
		await().untilAsserted(
				() -> assertThat(backend.request("game", Route.hash("key"), Frame.request(99, "still here"), LONG))
					.succeedsWithin(LONG)
					.extracting(Frame::text)
					.isEqualTo("still here"));
	}

	/** The other service, on the same loop, has had one connection all along. */
	static void assertOthersUntouched(TcpBackend<Frame> backend) {
		assertThat(backend.request("chat", Route.any(), Frame.request(98, "untouched"), LONG)).succeedsWithin(LONG)
			.extracting(Frame::text)
			.isEqualTo("untouched");
		assertThat(backend.group("chat").counters().connects()).isOne();
		assertThat(backend.group("chat").counters().disconnects()).isZero();
	}

	/** Both services have had one connection all along. */
	static void assertSameConnection(TcpBackend<Frame> backend) {
		assertAnswered(backend);
		assertThat(backend.group("game").counters().connects()).isOne();
		assertThat(backend.getService("game", "game-1").pendingRequests()).isZero();
		assertOthersUntouched(backend);
	}

}
