package dev.backend.tcp;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import dev.backend.ServiceConfig;
import dev.backend.transport.EventLoops;
import dev.backend.transport.PeerVerifyingContext;
import dev.backend.transport.SharedEventLoops;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpClientConfig;

/**
 * The event loops of a backend and the client that makes its connections. Every service
 * stays on one loop for all of its connections, so that whatever belongs to it is touched
 * by one thread only.
 */
final class TcpTransport {

	private final EventLoops loops;

	private final @Nullable TcpTls tls;

	private final TcpClient client;

	private final Map<EventLoop, TcpClient> clients = new ConcurrentHashMap<>();

	TcpTransport(SharedEventLoops loops, TcpSettings settings, DialOptions options) {
		this.loops = loops.acquire(settings.timings().connectTimeout(), Duration.ZERO);
		this.tls = options.tls();
		int high = settings.limits().outboundHighMark();
		TcpClient client = TcpClient.newConnection()
			.resolver(this.loops.nameResolution())
			.resolvedAddressesSelector(TcpTransport::select)
			.option(ChannelOption.TCP_NODELAY, true)
			.option(ChannelOption.SO_KEEPALIVE, true)
			// With a failed write, what the peer sent before is still read.
			.option(ChannelOption.AUTO_CLOSE, false)
			.option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(high / 2, high))
			// The dial's own timer covers name resolution and TLS, too.
			.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
		if (options.localAddress() != null) {
			InetSocketAddress local = new InetSocketAddress(options.localAddress(), 0);
			client = client.bindAddress(() -> local);
		}
		try {
			this.client = options.customizer().apply(client);
		}
		catch (Throwable ex) {
			this.loops.closeLater();
			throw ex;
		}
	}

	EventLoop nextLoop() {
		return this.loops.next();
	}

	/** Whether the caller is on one of the event loops. */
	boolean ownsCurrentThread() {
		return this.loops.ownsCurrentThread();
	}

	/**
	 * Makes a connection on a loop. Nothing is read from it until
	 * {@link io.netty.channel.ChannelConfig#setAutoRead(boolean)} says so, but for the
	 * TLS handshake, which is over when the connection is there.
	 * @param loop the loop
	 * @param config the peer
	 * @param addresses gives the one to connect to
	 * @param observer told last of what happens to the connection
	 * @param initialized given the channel when its pipeline is set up, before it
	 * connects
	 */
	Mono<? extends Connection> connect(EventLoop loop, ServiceConfig config, DialAddresses addresses,
			ConnectionObserver observer, Consumer<Channel> initialized) {
		TcpClient client = this.clients.computeIfAbsent(loop,
				(key) -> this.client.runOn(new PinnedLoop(this.loops, key)));
		return Mono
			.defer(() -> secure(client).remoteAddress(addresses)
				.observe(observer)
				.doOnChannelInit((unused, channel, address) -> initialized.accept(channel))
				.connect())
			.onErrorMap((ex) -> DialExplanation.explain(ex, config, this.tls != null));
	}

	/**
	 * A dial tries the addresses one after another by itself: reactor-netty would give
	 * all the time to the first that does not answer, and stay with one whose TLS fails.
	 */
	private static List<? extends SocketAddress> select(TcpClientConfig config,
			List<? extends SocketAddress> resolved) {
		return (config.remoteAddress() instanceof DialAddresses addresses) ? addresses.select(resolved) : resolved;
	}

	private TcpClient secure(TcpClient client) {
		TcpTls tls = this.tls;
		if (tls == null) {
			return client;
		}
		return client
			.secure(PeerVerifyingContext.provider(tls.context().get(), tls.verifyHostname(), tls.serverName()));
	}

	/**
	 * Ends the event loops, or leaves them to others, and waits for what is done there;
	 * without open channels, for less.
	 */
	void close(boolean channelsOpen, Duration timeout) {
		// With TLS, a dial that was given up may have buffers of its handshake.
		this.loops.close(channelsOpen || this.tls != null, timeout);
	}

	/** Offers one loop of a group as if it were the group. */
	private record PinnedLoop(EventLoops loops, EventLoop loop) implements LoopResources {

		@Override
		public EventLoopGroup onServer(boolean useNative) {
			return this.loop;
		}

		@Override
		public <C extends Channel> C onChannel(Class<C> channelType, EventLoopGroup group) {
			return this.loops.resources().onChannel(channelType, this.loops.group());
		}

		@Override
		public <C extends Channel> Class<? extends C> onChannelClass(Class<C> channelType, EventLoopGroup group) {
			return this.loops.resources().onChannelClass(channelType, this.loops.group());
		}

	}

}
