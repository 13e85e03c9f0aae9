package dev.backend.tcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.GlobalEventExecutor;

/**
 * Listeners on free ports of the loopback interface, for thousands of connections at the
 * cost of one thread, that can all be stopped and started again at once.
 */
final class PeerServers implements AutoCloseable {

	private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

	private final List<Integer> ports = new ArrayList<>();

	private final Consumer<Channel> accepted;

	/**
	 * Starts listeners.
	 * @param count how many
	 * @param accepted given each connection, on its event loop
	 */
	PeerServers(int count, Consumer<Channel> accepted) {
		this.accepted = accepted;
		for (int i = 0; i < count; i++) {
			this.ports.add(((InetSocketAddress) listen(0).localAddress()).getPort());
		}
	}

	private Channel listen(int port) {
		Channel listener = new ServerBootstrap().group(this.loops)
			.channel(NioServerSocketChannel.class)
			.option(ChannelOption.SO_REUSEADDR, true)
			.option(ChannelOption.SO_BACKLOG, 1024)
			.childHandler(new Peer())
			.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
			.syncUninterruptibly()
			.channel();
		this.channels.add(listener);
		return listener;
	}

	/** The port of one of many instances, which share the listeners. */
	int port(int instance) {
		return this.ports.get(instance % this.ports.size());
	}

	/** Closes the listeners and all connections, as when the processes die. */
	void stop() {
		this.channels.close().awaitUninterruptibly();
	}

	/** Listens again, on the same ports. */
	void restart() {
		this.ports.forEach(this::listen);
	}

	@Override
	public void close() {
		stop();
		this.loops.shutdownGracefully().awaitUninterruptibly();
	}

	/** Reads and forgets. */
	@Sharable
	private final class Peer extends ChannelInboundHandlerAdapter {

		@Override
		public void channelActive(ChannelHandlerContext context) {
			PeerServers.this.channels.add(context.channel());
			PeerServers.this.accepted.accept(context.channel());
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object message) {
			ReferenceCountUtil.release(message);
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
			context.close();
		}

	}

}
