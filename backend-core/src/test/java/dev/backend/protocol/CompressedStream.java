package dev.backend.protocol;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.compression.ZlibWrapper;
import reactor.netty.NettyPipeline;
import reactor.netty.tcp.TcpClient;

final class CompressedStream {

	private CompressedStream() {
	}

	static TcpClient customize(TcpClient client) {
		return client.doOnChannelInit((observer, channel, address) -> {
			ChannelPipeline pipeline = channel.pipeline();
			pipeline.addBefore(NettyPipeline.ReactiveBridge, "deflate",
					ZlibCodecFactory.newZlibEncoder(ZlibWrapper.ZLIB));
			pipeline.addBefore(NettyPipeline.ReactiveBridge, "inflate",
					ZlibCodecFactory.newZlibDecoder(ZlibWrapper.ZLIB, 1024 * 1024));
		});
	}

}
