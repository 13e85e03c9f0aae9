package dev.backend.tcp;

import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyPipeline;

/**
 * Keeps what a peer sent right behind its TLS handshake until the {@link Link} is there
 * to read it. A plain channel is not read before that, but here the handshake is, and one
 * read may bring more than the handshake. Goes away with the first read that the link
 * asks for.
 */
final class EarlyReads extends ChannelDuplexHandler {

	private final Queue<Object> messages = new ArrayDeque<>(2);

	/** Adds one where there is TLS. */
	static void addTo(ConnectionObserver observer, Channel channel, @Nullable SocketAddress remoteAddress) {
		if (channel.pipeline().get(SslHandler.class) != null) {
			channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, "backend.early-reads", new EarlyReads());
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		this.messages.add(message);
	}

	@Override
	public void read(ChannelHandlerContext ctx) {
		ctx.pipeline().remove(this);
		Object message = this.messages.poll();
		if (message != null) {
			while (message != null) {
				ctx.fireChannelRead(message);
				message = this.messages.poll();
			}
			ctx.fireChannelReadComplete();
		}
		closeOnCloseNotify(ctx.channel());
		ctx.read();
	}

	/**
	 * A peer that has said that nothing more will come is done (RFC 5246, section 7.2.1).
	 * Later, because this runs within the opening of the link.
	 */
	private static void closeOnCloseNotify(Channel channel) {
		SslHandler handler = channel.pipeline().get(SslHandler.class);
		if (handler != null) {
			handler.sslCloseFuture().addListener((closed) -> {
				if (closed.isSuccess()) {
					channel.eventLoop().execute(channel::close);
				}
			});
		}
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext ctx) {
		if (!ctx.channel().isActive()) {
			this.messages.forEach(ReferenceCountUtil::release);
			this.messages.clear();
		}
	}

}
