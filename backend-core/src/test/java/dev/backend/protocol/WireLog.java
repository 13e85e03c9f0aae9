package dev.backend.protocol;

import io.netty.handler.logging.ByteBufFormat;
import io.netty.handler.logging.LogLevel;
import io.netty.handler.logging.LoggingHandler;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.TcpClient;

final class WireLog {

	private WireLog() {
	}

	static TcpClient customize(TcpClient client) {
		return client.doOnChannelInit((observer, channel, address) -> channel.pipeline()
			.addBefore(NettyPipeline.ReactiveBridge, "wire",
					new LoggingHandler("wire", LogLevel.DEBUG, ByteBufFormat.HEX_DUMP)));
	}

}
