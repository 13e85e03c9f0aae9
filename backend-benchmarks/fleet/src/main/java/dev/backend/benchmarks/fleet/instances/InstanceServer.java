package dev.backend.benchmarks.fleet.instances;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import dev.backend.benchmarks.rpc.netty.NettyTransport;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of all instances. There are a few ports and not one for each instance,
 * which would take as many file descriptors again; a client says by its first message
 * which instance it means.
 */
final class InstanceServer {

	/** So many that the client's ports last, with those of its last run that rest. */
	private static final int PORTS = 8;

	private static final int LARGEST_FRAME = 1024;

	private final Map<String, Channel> connections = new ConcurrentHashMap<>();

	private final Set<String> ended = ConcurrentHashMap.newKeySet();

	private final List<Integer> ports = new ArrayList<>();

	private final Consumer<String> connected;

	/**
	 * Listens.
	 * @param connected called with the id of each instance that a client has connected
	 * to, on the event loop
	 * @throws InterruptedException if interrupted
	 */
	InstanceServer(Consumer<String> connected) throws InterruptedException {
		this.connected = connected;
		NettyTransport transport = new NettyTransport();
		for (int i = 0; i < PORTS; i++) {
			Channel channel = transport.listen(Connection::new);
			this.ports.add(((InetSocketAddress) channel.localAddress()).getPort());
		}
	}

	/** The port of an instance, by its place. */
	int port(int place) {
		return this.ports.get(place % PORTS);
	}

	/** An instance ends: closes its connection, and every later one. */
	void end(String id) {
		this.ended.add(id);
		Channel connection = this.connections.remove(id);
		if (connection != null) {
			connection.close();
		}
	}

	/** Reads what the client says: a length, a number, the id. */
	private final class Connection extends LengthFieldBasedFrameDecoder {

		Connection() {
			super(LARGEST_FRAME, 0, Integer.BYTES, 0, Integer.BYTES + Long.BYTES);
		}

		@Override
		protected @Nullable Object decode(ChannelHandlerContext context, ByteBuf in) throws Exception {
			Object frame = super.decode(context, in);
			if (frame instanceof ByteBuf hello) {
				String id = hello.toString(StandardCharsets.UTF_8);
				hello.release();
				InstanceServer.this.connections.put(id, context.channel());
				InstanceServer.this.connected.accept(id);
				if (InstanceServer.this.ended.contains(id)) {
					InstanceServer.this.end(id);
				}
			}
			return null;
		}

	}

}
