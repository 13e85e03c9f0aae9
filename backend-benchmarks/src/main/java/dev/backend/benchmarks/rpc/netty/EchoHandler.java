package dev.backend.benchmarks.rpc.netty;

import dev.backend.benchmarks.rpc.server.ReceivedCounter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/**
 * Sends requests back as they came, a run of them as one slice of the buffer they arrived
 * in, and counts one-way messages.
 */
final class EchoHandler extends FrameReader {

	private final ReceivedCounter counter;

	private long oneWay;

	EchoHandler(ReceivedCounter counter) {
		this.counter = counter;
	}

	@Override
	void readFrames(ChannelHandlerContext context, ByteBuf in) {
		int runStart = in.readerIndex();
		int index = runStart;
		int size = frameSize(in, index);
		while (size > 0) {
			if (in.getLong(index + Frame.LENGTH_SIZE) == Frame.ONE_WAY) {
				this.oneWay++;
				echo(context, in, runStart, index);
				runStart = index + size;
			}
			index += size;
			size = frameSize(in, index);
		}
		echo(context, in, runStart, index);
		in.readerIndex(index);
	}

	private static void echo(ChannelHandlerContext context, ByteBuf in, int start, int end) {
		if (end > start) {
			context.write(in.retainedSlice(start, end - start), context.voidPromise());
		}
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext context) {
		context.flush();
		if (this.oneWay > 0) {
			this.counter.add(this.oneWay);
			this.oneWay = 0;
		}
	}

}
