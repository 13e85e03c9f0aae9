package dev.backend.tcp;

import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.backend.RemovalMode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static dev.backend.tcp.TcpFixture.ready;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The rows of docs/coming-from-gobase.md about the settings of TcpParamConfig.
 */
@Timeout(60)
class GobaseSettingTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	@Tag("gobase:TcpParamConfig.Immediately")
	void byDefaultAnInstanceThatIsNotListedAnyMoreStaysUntilItsConnectionDrops() throws Exception {
		TestServer one = this.tcp.server(TestServer.silent());
		TestServer two = this.tcp.server(TestServer.silent());
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", one), instance("game-2", two));
		TcpService<Frame> service = backend.getService("game", "game-1");
		String connection = service.connectionName();
		this.tcp.discover(instance("game-2", two));
		await().until(service::withdrawn);
		this.tcp.discover(instance("game-1", one), instance("game-2", two));
		await().until(() -> !service.withdrawn());
		assertThat(service.connectionName()).isEqualTo(connection);
		this.tcp.discover(instance("game-2", two));
		await().until(service::withdrawn);
		assertThat(service.state()).isEqualTo(TcpState.READY);
		await().until(() -> one.connections().size() == 1);
		one.dropConnections();
		await().until(() -> backend.findService("game", "game-1") == null);
	}

	@Test
	@Tag("gobase:TcpParamConfig.Immediately")
	void withRemovalImmediateItIsClosedAndRemovedAtOnce() throws Exception {
		TestServer one = this.tcp.server(TestServer.silent());
		TestServer two = this.tcp.server(TestServer.silent());
		this.tcp.discover(instance("game-1", one), instance("game-2", two));
		TcpBackend<Frame> backend = ready(
				this.tcp.start(fast().withRemoval(RemovalMode.IMMEDIATE), this.tcp.handler()));
		this.tcp.discover(instance("game-2", two));
		await().until(() -> backend.findService("game", "game-1") == null);
		await().until(() -> one.connections().isEmpty());
		assertThat(backend.getService("game", "game-2").state()).isEqualTo(TcpState.READY);
	}

	@Test
	@Tag("gobase:TcpParamConfig.MsgSeq")
	void withDispatchConcurrentMessagesAreHandledBesideEachOther() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		CyclicBarrier together = new CyclicBarrier(3);
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				together.await(LONG.toSeconds(), TimeUnit.SECONDS);
				super.onMessage(connection, message);
			}
		};
		ready(this.tcp.start(fast().withDispatch(DispatchMode.CONCURRENT), handler));
		for (String text : List.of("a", "b", "c")) {
			server.sendToAll(Frame.push(text));
		}
		await().until(() -> handler.messages.size() == 3);
	}

	@Test
	@Tag("gobase:TcpParamConfig.MsgSeq")
	void byDefaultMessagesAreHandledOneAfterAnotherInTheOrderOfArrival() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		RecordingHandler handler = new RecordingHandler() {
			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
				this.calls.add("begin " + message.text());
				Thread.yield();
				super.onMessage(connection, message);
			}
		};
		ready(this.tcp.start(fast(), handler));
		IntStream.range(0, 500).forEach((i) -> server.sendToAll(Frame.push("" + i)));
		await().until(() -> handler.messages.size() == 500);
		List<String> expected = IntStream.range(0, 500)
			.boxed()
			.flatMap((i) -> List.of("begin " + i, "message " + i).stream())
			.toList();
		assertThat(handler.calls).startsWith("connected game-1").endsWith(expected.toArray(new String[0]));
	}

}
