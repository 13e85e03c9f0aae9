package dev.backend.sample.server;

import dev.backend.ServiceConfig;
import dev.backend.sample.protocol.GameMessage;
import dev.backend.sample.protocol.GameMessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import org.reactivestreams.Publisher;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.tcp.TcpServer;

/**
 * A game server: says back what it is told, under its id.
 */
final class GameServer extends Server {

	private final GameMessageCodec codec = new GameMessageCodec();

	GameServer(String id, String tag, int port, ServerRegistry registry) {
		super("game", id, tag, port, registry);
	}

	@Override
	TcpServer transport() {
		return TcpServer.create()
			.doOnConnection((connection) -> connection.addHandlerLast(
					new LengthFieldBasedFrameDecoder(GameMessageCodec.MAXIMUM_FRAME, 0, Integer.BYTES, 0, 0)))
			.handle(this::serve);
	}

	@Override
	ServiceConfig config(String address, int port) {
		return ServiceConfig.tcp(service(), id(), address, port).withTags(tag());
	}

	private Publisher<Void> serve(NettyInbound inbound, NettyOutbound outbound) {
		return outbound.send(inbound.receive().map((frame) -> answer(frame, outbound)), (answer) -> true);
	}

	private ByteBuf answer(ByteBuf frame, NettyOutbound outbound) {
		GameMessage message = this.codec.decode(frame);
		if (message == null) {
			throw new IllegalStateException(id() + ": half a frame of " + frame.readableBytes() + " bytes");
		}
		ByteBuf answer = outbound.alloc().buffer();
		this.codec.encode(message.answeredBy(id()), answer);
		return answer;
	}

}
