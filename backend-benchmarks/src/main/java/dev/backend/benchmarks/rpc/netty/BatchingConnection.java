package dev.backend.benchmarks.rpc.netty;

import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.internal.PlatformDependent;
import org.jspecify.annotations.Nullable;

/**
 * The hand-over from callers to the event loop, as good as we know to write it. Callers
 * put elements into one queue of many producers and one consumer; the first to do so
 * while no drain is pending wakes the event loop. The drain takes what is there, encodes
 * it into as few pooled buffers as it fits in, and flushes once. It clears the mark only
 * when the queue is empty and then looks once more, so that an element whose producer saw
 * the mark is never left behind.
 *
 * @param <T> what is handed over
 */
abstract class BatchingConnection<T> extends FrameReader {

	private static final int QUEUE_CAPACITY = 1 << 15;

	private static final int BUFFER_SIZE = 1 << 16;

	private final Queue<T> queue = PlatformDependent.newFixedMpscQueue(QUEUE_CAPACITY);

	private final AtomicBoolean drainPending = new AtomicBoolean();

	private final Runnable drain = this::drain;

	private @Nullable Channel channel;

	@Override
	public void handlerAdded(ChannelHandlerContext context) {
		this.channel = context.channel();
	}

	void submit(T element) {
		while (!this.queue.offer(element)) {
			Thread.onSpinWait();
		}
		if (!this.drainPending.get() && this.drainPending.compareAndSet(false, true)) {
			channel().eventLoop().execute(this.drain);
		}
	}

	/**
	 * Appends the frame of an element. On the event loop.
	 */
	abstract void encode(T element, ByteBuf out);

	/**
	 * Returns the size of the frame of an element.
	 */
	abstract int encodedSize(T element);

	private void drain() {
		do {
			writeQueued();
			this.drainPending.set(false);
		}
		while (!this.queue.isEmpty() && this.drainPending.compareAndSet(false, true));
	}

	private void writeQueued() {
		T element = this.queue.poll();
		if (element == null) {
			return;
		}
		Channel target = channel();
		ByteBuf out = target.alloc().ioBuffer(BUFFER_SIZE);
		while (element != null) {
			int size = encodedSize(element);
			if (out.writableBytes() < size) {
				target.write(out, target.voidPromise());
				out = target.alloc().ioBuffer(Math.max(BUFFER_SIZE, size));
			}
			encode(element, out);
			element = this.queue.poll();
		}
		target.writeAndFlush(out, target.voidPromise());
	}

	private Channel channel() {
		Channel current = this.channel;
		if (current == null) {
			throw new IllegalStateException("not connected");
		}
		return current;
	}

	static void writeFrame(ByteBuf out, long id, byte[] body) {
		out.writeInt(Frame.HEADER_SIZE - Frame.LENGTH_SIZE + body.length);
		out.writeLong(id);
		out.writeBytes(body);
	}

}
