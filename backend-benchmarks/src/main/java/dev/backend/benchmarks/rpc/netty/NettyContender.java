package dev.backend.benchmarks.rpc.netty;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * The ceiling: bare Netty by hand.
 */
public final class NettyContender implements Contender {

	private final NettyTransport transport = new NettyTransport();

	private final SlotConnection connection = new SlotConnection();

	private final BroadcastGroup group = new BroadcastGroup();

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new NettyContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) throws Exception {
		this.transport.connect(server, this.connection);
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		this.connection.request(body, callback);
	}

	@Override
	public byte[] request(byte[] body) {
		return this.connection.request(body);
	}

	@Override
	public void send(byte[] body) {
		this.connection.send(body);
	}

	@Override
	public void connectMany(InetSocketAddress server, int count) throws Exception {
		this.group.add(this.transport.connectMany(server, count, NettyTransport.initializer(IdleHandler::new)));
	}

	@Override
	public void broadcast(byte[] body) {
		this.group.broadcast(body);
	}

	@Override
	public String transport() {
		return NettyTransport.name();
	}

	@Override
	public void close() {
		this.transport.close();
	}

	/** The least a connection needs: a handler of its own. */
	private static final class IdleHandler extends ChannelInboundHandlerAdapter {

	}

}
