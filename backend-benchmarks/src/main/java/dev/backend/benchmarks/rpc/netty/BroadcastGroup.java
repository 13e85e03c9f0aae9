package dev.backend.benchmarks.rpc.netty;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.util.internal.PlatformDependent;

/**
 * Connections of one event loop that get the same messages. Broadcasts that wait together
 * are encoded once into one buffer, and every connection writes that buffer once.
 */
final class BroadcastGroup {

	private static final int QUEUE_CAPACITY = 1024;

	private final Queue<byte[]> queue = PlatformDependent.newFixedMpscQueue(QUEUE_CAPACITY);

	private final AtomicBoolean drainPending = new AtomicBoolean();

	private final Runnable drain = this::drain;

	private Channel[] channels = new Channel[0];

	void add(List<Channel> added) {
		this.channels = added.toArray(new Channel[0]);
	}

	void broadcast(byte[] body) {
		while (!this.queue.offer(body)) {
			Thread.onSpinWait();
		}
		if (!this.drainPending.get() && this.drainPending.compareAndSet(false, true)) {
			this.channels[0].eventLoop().execute(this.drain);
		}
	}

	private void drain() {
		do {
			ByteBuf out = ByteBufAllocator.DEFAULT.ioBuffer();
			for (byte[] body = this.queue.poll(); body != null; body = this.queue.poll()) {
				BatchingConnection.writeFrame(out, Frame.ONE_WAY, body);
			}
			for (Channel channel : this.channels) {
				channel.writeAndFlush(out.retainedDuplicate(), channel.voidPromise());
			}
			out.release();
			this.drainPending.set(false);
		}
		while (!this.queue.isEmpty() && this.drainPending.compareAndSet(false, true));
	}

}
