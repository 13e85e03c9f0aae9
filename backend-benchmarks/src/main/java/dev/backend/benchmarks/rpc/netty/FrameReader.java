package dev.backend.benchmarks.rpc.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Finds whole frames in what arrives and keeps the rest. Frames are read in place, out of
 * the buffer the socket was read into.
 */
abstract class FrameReader extends ChannelInboundHandlerAdapter {

	private @Nullable ByteBuf rest;

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		ByteBuf in = append((ByteBuf) message);
		try {
			readFrames(context, in);
			if (in.isReadable()) {
				this.rest = context.alloc().buffer(Math.max(256, wanted(in))).writeBytes(in);
			}
		}
		finally {
			in.release();
		}
	}

	/**
	 * Reads all whole frames, and leaves what is no whole frame yet.
	 */
	abstract void readFrames(ChannelHandlerContext context, ByteBuf in);

	/**
	 * Returns the size of the frame at an index, its length field included, or -1 if it
	 * is not whole.
	 */
	static int frameSize(ByteBuf in, int index) {
		int readable = in.writerIndex() - index;
		if (readable < Frame.HEADER_SIZE) {
			return -1;
		}
		int length = in.getInt(index);
		if (length < Frame.HEADER_SIZE - Frame.LENGTH_SIZE || length > Frame.MAXIMUM_LENGTH) {
			throw new IllegalStateException("frame length: " + length);
		}
		return (readable - Frame.LENGTH_SIZE < length) ? -1 : Frame.LENGTH_SIZE + length;
	}

	private ByteBuf append(ByteBuf message) {
		ByteBuf kept = this.rest;
		if (kept == null) {
			return message;
		}
		this.rest = null;
		kept.writeBytes(message);
		message.release();
		return kept;
	}

	private static int wanted(ByteBuf in) {
		int readable = in.readableBytes();
		return (readable < Frame.LENGTH_SIZE) ? readable
				: Math.min(Frame.MAXIMUM_LENGTH, Frame.LENGTH_SIZE + in.getInt(in.readerIndex()));
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) throws Exception {
		ByteBuf kept = this.rest;
		if (kept != null) {
			this.rest = null;
			kept.release();
		}
		super.channelInactive(context);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		cause.printStackTrace();
		context.close();
	}

}
