package dev.backend.benchmarks.rpc.netty;

import java.net.InetSocketAddress;
import java.util.List;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Bare Netty as it is mostly written: {@code writeAndFlush} by the caller for each
 * message, and for each connection of a broadcast.
 */
public final class NettyUnbatchedContender implements Contender {

	private final NettyTransport transport = new NettyTransport();

	private List<Channel> channels = List.of();

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new NettyUnbatchedContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) throws Exception {
		connectMany(server, 1);
	}

	@Override
	public void send(byte[] body) {
		Channel channel = this.channels.get(0);
		channel.writeAndFlush(frame(channel, body), channel.voidPromise());
	}

	@Override
	public void connectMany(InetSocketAddress server, int count) throws Exception {
		this.channels = this.transport.connectMany(server, count,
				NettyTransport.initializer(ChannelInboundHandlerAdapter::new));
	}

	@Override
	public void broadcast(byte[] body) {
		ByteBuf frame = frame(this.channels.get(0), body);
		for (Channel channel : this.channels) {
			channel.writeAndFlush(frame.retainedDuplicate(), channel.voidPromise());
		}
		frame.release();
	}

	private static ByteBuf frame(Channel channel, byte[] body) {
		ByteBuf frame = channel.alloc().ioBuffer(Frame.HEADER_SIZE + body.length);
		BatchingConnection.writeFrame(frame, Frame.ONE_WAY, body);
		return frame;
	}

	@Override
	public String transport() {
		return NettyTransport.name();
	}

	@Override
	public void close() {
		this.transport.close();
	}

}
