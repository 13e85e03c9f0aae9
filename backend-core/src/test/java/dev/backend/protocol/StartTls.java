package dev.backend.protocol;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

import dev.backend.codec.CodecException;
import dev.backend.codec.DelimiterFraming;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.TcpClient;

final class StartTls extends ByteToMessageDecoder {

	private final SslContext tls;

	private final InetSocketAddress server;

	private StartTls(SslContext tls, InetSocketAddress server) {
		this.tls = tls;
		this.server = server;
	}

	static TcpClient customize(TcpClient client, SslContext tls) {
		return client.doOnChannelInit((observer, channel, address) -> {
			InetSocketAddress server = (InetSocketAddress) Objects.requireNonNull(address);
			channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, "starttls", new StartTls(tls, server));
		});
	}

	@Override
	public void channelActive(ChannelHandlerContext ctx) {
		// Passed on when TLS is there: then the connection is up for the backend.
		ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), "STARTTLS\r\n"));
		ctx.read();
	}

	@Override
	protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
		ByteBuf line = DelimiterFraming.crlfLine().next(in);
		if (line == null) {
			return;
		}
		String reply = line.toString(StandardCharsets.US_ASCII);
		if (!reply.startsWith("220") || in.isReadable()) {
			throw new CodecException("STARTTLS: %s (expected: 220, and nothing behind it)".formatted(reply));
		}
		ctx.pipeline()
			.addFirst(NettyPipeline.SslHandler,
					this.tls.newHandler(ctx.alloc(), this.server.getHostString(), this.server.getPort()));
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) throws Exception {
		ctx.fireExceptionCaught(new ConnectException("closed by the peer before TLS was there"));
		super.channelInactive(ctx);
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event instanceof SslHandshakeCompletionEvent handshake) {
			if (handshake.isSuccess()) {
				ctx.pipeline().remove(this);
				ctx.fireChannelActive();
			}
			else {
				ctx.fireExceptionCaught(handshake.cause());
			}
		}
		ctx.fireUserEventTriggered(event);
	}

}
