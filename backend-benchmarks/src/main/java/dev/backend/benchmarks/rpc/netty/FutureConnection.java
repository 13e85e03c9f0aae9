package dev.backend.benchmarks.rpc.netty;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * The ceiling's connection with what an application would rather have: a future per
 * request, completed on the event loop with a copy of the reply.
 */
final class FutureConnection extends BatchingConnection<PendingRequest> {

	private static final int SLOTS = 4096;

	private final @Nullable PendingRequest[] pending = new PendingRequest[SLOTS];

	private final AtomicLong ids = new AtomicLong();

	CompletableFuture<byte[]> request(byte[] body) {
		PendingRequest request = new PendingRequest(this.ids.incrementAndGet(), body);
		submit(request);
		return request;
	}

	@Override
	void encode(PendingRequest element, ByteBuf out) {
		this.pending[(int) element.id & (SLOTS - 1)] = element;
		writeFrame(out, element.id, element.body);
	}

	@Override
	int encodedSize(PendingRequest element) {
		return Frame.HEADER_SIZE + element.body.length;
	}

	@Override
	void readFrames(ChannelHandlerContext context, ByteBuf in) {
		int index = in.readerIndex();
		int size = frameSize(in, index);
		while (size > 0) {
			complete(in.getLong(index + Frame.LENGTH_SIZE),
					ByteBufUtil.getBytes(in, index + Frame.HEADER_SIZE, size - Frame.HEADER_SIZE));
			index += size;
			size = frameSize(in, index);
		}
		in.readerIndex(index);
	}

	private void complete(long id, byte[] reply) {
		int slot = (int) id & (SLOTS - 1);
		PendingRequest request = this.pending[slot];
		if (request == null || request.id != id) {
			throw new IllegalStateException("reply to " + id + ", which is not pending");
		}
		this.pending[slot] = null;
		request.complete(reply);
	}

}
