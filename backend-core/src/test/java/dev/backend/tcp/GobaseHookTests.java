package dev.backend.tcp;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import org.jspecify.annotations.Nullable;
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
 * The rows of docs/coming-from-gobase.md about the hooks of TCPHook.
 */
@Timeout(60)
class GobaseHookTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	@Tag("gobase:b.RegHook")
	@Tag("gobase:TCPHook.OnAdd")
	@Tag("gobase:TCPHook.OnRemove")
	@Tag("gobase:TCPHook.OnConnected")
	@Tag("gobase:TCPHook.OnDisConnect")
	void everyHookIsToldOfTheWholeLifeOfAService() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		RecordingListener first = new RecordingListener();
		RecordingListener second = new RecordingListener();
		TcpBackend<Frame> backend = ready(this.tcp.start(fast(), this.tcp.handler(), first, second));
		await().until(() -> server.connections().size() == 1);
		server.dropConnections();
		await().until(() -> first.calls.contains("connected game-1, again"));
		this.tcp.discover();
		await().until(() -> backend.getService("game", "game-1").withdrawn());
		await().until(() -> server.connections().size() == 1);
		server.stop();
		await().until(() -> first.calls.contains("removed game-1") && second.calls.contains("removed game-1"));
		assertThat(first.calls).containsExactly("added game-1", "connected game-1", "disconnected game-1",
				"connected game-1, again", "disconnected game-1", "removed game-1");
		assertThat(second.calls).isEqualTo(first.calls);
	}

	@Test
	@Tag("gobase:TCPHook.OnSend")
	@Tag("gobase:TCPHook.OnRecv")
	void hooksCountTheBytesOfMessagesRequestsAndReplies() throws Exception {
		TestServer server = this.tcp.server(TestServer.echo("reply to "));
		this.tcp.discover(instance("game-1", server));
		AtomicInteger sent = new AtomicInteger();
		AtomicInteger received = new AtomicInteger();
		TcpBackend<Frame> backend = ready(this.tcp.start(fast(), this.tcp.handler(), new BackendListener() {
			@Override
			public void onSent(BackendService service, int bytes) {
				sent.addAndGet(bytes);
			}

			@Override
			public void onReceived(BackendService service, int bytes) {
				received.addAndGet(bytes);
			}
		}));
		backend.send("game", Route.any(), Frame.push("a message"));
		Frame request = Frame.request(1, "a request");
		Frame reply = backend.request("game", Route.any(), request, LONG).get();
		await().untilAsserted(() -> {
			assertThat(sent)
				.hasValue(TwoGroups.bytes(Frame.push("a message")).length + TwoGroups.bytes(request).length);
			assertThat(received).hasValue(TwoGroups.bytes(reply).length);
		});
	}

	private static final class RecordingListener implements BackendListener {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		@Override
		public void onAdded(BackendService service) {
			this.calls.add("added " + service.id());
		}

		@Override
		public void onConnected(BackendService service) {
			String call = "connected " + service.id();
			this.calls.add(this.calls.contains(call) ? call + ", again" : call);
		}

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			this.calls.add("disconnected " + service.id());
		}

		@Override
		public void onRemoved(BackendService service) {
			this.calls.add("removed " + service.id());
		}

	}

}
