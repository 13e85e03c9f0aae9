package dev.backend.tcp;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.routing.ConsistentHash;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import static org.awaitility.Awaitility.await;

/**
 * A backend with two groups, on the ring of gobase. The key {@value #KEY} belongs to
 * game-3 of game-1, game-2 (both tagged eu) and game-3 (us), to game-2 among those tagged
 * eu, and to chat-2 of chat-1 and chat-2 (both tagged eu). It would belong to chat-3, but
 * chat-3 cannot be connected.
 */
final class TwoGroups {

	static final String KEY = "user-7";

	private static final Frame FENCE = Frame.push("fence");

	private final Map<String, TestServer> servers = new TreeMap<>();

	private final TcpBackend<Frame> backend;

	private TwoGroups(TcpFixture tcp, RecordingHandler handler) {
		for (String id : new String[] { "game-1", "game-2", "game-3", "chat-1", "chat-2", "chat-3" }) {
			this.servers.put(id, tcp.server(TestServer.echo("")));
		}
		server("chat-3").stop();
		tcp.discover(TcpFixture.instance("game-1", server("game-1"), "eu"),
				TcpFixture.instance("game-2", server("game-2"), "eu"),
				TcpFixture.instance("game-3", server("game-3"), "us"),
				InMemoryDiscovery.instance("chat", "chat-1", server("chat-1").port(), "eu"),
				InMemoryDiscovery.instance("chat", "chat-2", server("chat-2").port(), "eu"),
				InMemoryDiscovery.instance("chat", "chat-3", server("chat-3").port(), "eu"));
		this.backend = tcp.start(new Frame.Codec(), handler,
				(builder) -> builder.consistentHash(ConsistentHash.gobase()));
		await().until(() -> this.backend.findGroup("game") != null && this.backend.findGroup("chat") != null
				&& this.backend.group("game").routing().members().size() == 3
				&& this.backend.group("chat").routing().members().size() == 2);
	}

	static TwoGroups start(TcpFixture tcp) {
		return new TwoGroups(tcp, tcp.handler());
	}

	TcpBackend<Frame> backend() {
		return this.backend;
	}

	TestServer server(String id) {
		TestServer server = this.servers.get(id);
		if (server == null) {
			throw new IllegalArgumentException(id);
		}
		return server;
	}

	/** The bytes of a message. */
	static byte[] bytes(Frame message) {
		ByteBuf out = Unpooled.buffer();
		Frame.write(message, out);
		return ByteBufUtil.getBytes(out);
	}

	/**
	 * Returns which servers have received a message, and nothing else. A last message to
	 * each tells when all has arrived.
	 */
	TreeSet<String> receiversOf(Frame message) {
		TreeSet<String> receivers = new TreeSet<>();
		for (TcpService<Frame> service : this.backend.services()) {
			if (service.trySend(FENCE).accepted()) {
				TestServer server = server(service.id());
				await().until(() -> server.received().contains(FENCE));
				if (server.received().get(0).equals(message) && server.received().size() == 2) {
					receivers.add(service.id());
				}
				else if (server.received().size() != 1) {
					throw new AssertionError(service + " received " + server.received());
				}
			}
		}
		return receivers;
	}

}
