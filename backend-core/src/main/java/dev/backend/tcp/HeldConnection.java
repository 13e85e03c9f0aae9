package dev.backend.tcp;

import java.util.ArrayList;
import java.util.List;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;

/**
 * A channel that is up and not read from, until a {@link Link} takes it over. What came
 * by the last read of the TLS handshake is kept for the link. Event loop only.
 */
final class HeldConnection extends ChannelInboundHandlerAdapter {

	private final Connection connection;

	private final List<Object> arrived = new ArrayList<>();

	private @Nullable ChannelHandlerContext context;

	/**
	 * Holds a channel.
	 * @param connection the channel, as reactor-netty has it, connected
	 */
	HeldConnection(Connection connection) {
		this.connection = connection;
		connection.channel().pipeline().remove(NettyPipeline.ReactiveBridge);
		connection.channel().pipeline().addLast("backend-held", this);
	}

	Connection connection() {
		return this.connection;
	}

	Channel channel() {
		return this.connection.channel();
	}

	/** Gives what has arrived to the handler that was added behind this one. */
	void release() {
		ChannelHandlerContext context = this.context;
		if (context == null) {
			return;
		}
		boolean any = !this.arrived.isEmpty();
		List.copyOf(this.arrived).forEach(context::fireChannelRead);
		this.arrived.clear();
		if (any) {
			context.fireChannelReadComplete();
		}
		if (!context.isRemoved()) {
			context.pipeline().remove(this);
		}
	}

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		this.context = context;
	}

	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		this.context = null;
		this.arrived.forEach(ReferenceCountUtil::release);
		this.arrived.clear();
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		this.arrived.add(message);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		context.close();
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof SslCloseCompletionEvent) {
			context.close();
		}
	}

}
