package dev.backend.benchmarks.rpc.netty;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * Epoll where it is there, NIO elsewhere; one event loop.
 */
public final class NettyTransport implements AutoCloseable {

	/** Dials at once: less than the server's backlog. */
	private static final int DIALS = 256;

	private final EventLoopGroup eventLoops;

	/** Starts the event loop. */
	public NettyTransport() {
		IoHandlerFactory factory = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
		this.eventLoops = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("bare-netty", true), factory);
	}

	static String name() {
		return Epoll.isAvailable() ? "epoll" : "nio";
	}

	Channel connect(InetSocketAddress server, ChannelHandler handler) throws InterruptedException {
		return bootstrap().handler(handler).connect(server).sync().channel();
	}

	List<Channel> connectMany(InetSocketAddress server, int count, ChannelHandler initializer)
			throws InterruptedException {
		Bootstrap bootstrap = bootstrap().handler(initializer);
		List<Channel> channels = new ArrayList<>(count);
		while (channels.size() < count) {
			List<ChannelFuture> dials = new ArrayList<>();
			for (int i = 0; i < Math.min(DIALS, count - channels.size()); i++) {
				dials.add(bootstrap.connect(server));
			}
			for (ChannelFuture dial : dials) {
				channels.add(dial.sync().channel());
			}
		}
		return channels;
	}

	/**
	 * Listens on a free port of the loopback address.
	 * @param handlers makes the handler of each connection
	 * @return the listening channel
	 * @throws InterruptedException if interrupted
	 */
	public Channel listen(Supplier<ChannelHandler> handlers) throws InterruptedException {
		return new ServerBootstrap().group(this.eventLoops)
			.channel(Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
			.option(ChannelOption.SO_BACKLOG, 4096)
			.childOption(ChannelOption.TCP_NODELAY, true)
			.childHandler(initializer(handlers))
			.bind(new InetSocketAddress("127.0.0.1", 0))
			.sync()
			.channel();
	}

	static ChannelHandler initializer(Supplier<ChannelHandler> handlers) {
		return new ChannelInitializer<Channel>() {
			@Override
			protected void initChannel(Channel channel) {
				channel.pipeline().addLast(handlers.get());
			}
		};
	}

	private Bootstrap bootstrap() {
		return new Bootstrap().group(this.eventLoops)
			.channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
			.option(ChannelOption.TCP_NODELAY, true);
	}

	@Override
	public void close() {
		this.eventLoops.shutdownGracefully();
	}

}
