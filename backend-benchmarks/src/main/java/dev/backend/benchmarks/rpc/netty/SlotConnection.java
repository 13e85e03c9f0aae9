package dev.backend.benchmarks.rpc.netty;

import java.util.concurrent.atomic.AtomicLong;

import dev.backend.benchmarks.rpc.client.ReplyCallback;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * The ceiling's connection: ids are a sequence, an id's low bits are its place in a table
 * of slots that are made once. Nothing is allocated per request. An element of the queue
 * is a slot, or a body to be sent one way.
 */
final class SlotConnection extends BatchingConnection<Object> {

	/**
	 * More than the harness ever has in flight, so a slot is free when it comes round.
	 */
	private static final int SLOTS = 4096;

	private final Slot[] slots = new Slot[SLOTS];

	private final AtomicLong ids = new AtomicLong();

	private final ThreadLocal<Waiter> waiters = ThreadLocal.withInitial(Waiter::new);

	SlotConnection() {
		for (int i = 0; i < SLOTS; i++) {
			this.slots[i] = new Slot();
		}
	}

	void request(byte[] body, ReplyCallback callback) {
		request(body, callback, null);
	}

	byte[] request(byte[] body) {
		Waiter waiter = this.waiters.get();
		request(body, null, waiter);
		return waiter.await();
	}

	private void request(byte[] body, @Nullable ReplyCallback callback, @Nullable Waiter waiter) {
		long id = this.ids.incrementAndGet();
		Slot slot = this.slots[(int) id & (SLOTS - 1)];
		slot.id = id;
		slot.body = body;
		slot.callback = callback;
		slot.waiter = waiter;
		submit(slot);
	}

	void send(byte[] body) {
		submit(body);
	}

	@Override
	void encode(Object element, ByteBuf out) {
		if (element instanceof Slot slot) {
			writeFrame(out, slot.id, slot.body);
		}
		else {
			writeFrame(out, Frame.ONE_WAY, (byte[]) element);
		}
	}

	@Override
	int encodedSize(Object element) {
		return Frame.HEADER_SIZE + ((element instanceof Slot slot) ? slot.body.length : ((byte[]) element).length);
	}

	@Override
	void readFrames(ChannelHandlerContext context, ByteBuf in) {
		int index = in.readerIndex();
		int size = frameSize(in, index);
		while (size > 0) {
			complete(in, index, size - Frame.HEADER_SIZE);
			index += size;
			size = frameSize(in, index);
		}
		in.readerIndex(index);
	}

	private void complete(ByteBuf in, int index, int length) {
		long id = in.getLong(index + Frame.LENGTH_SIZE);
		Slot slot = this.slots[(int) id & (SLOTS - 1)];
		if (slot.id != id) {
			throw new IllegalStateException("reply to " + id + ", which is not pending");
		}
		ReplyCallback callback = slot.callback;
		Waiter waiter = slot.waiter;
		slot.callback = null;
		slot.waiter = null;
		if (callback != null) {
			callback.replied(length);
		}
		else if (waiter != null) {
			waiter.complete(in, index + Frame.HEADER_SIZE, length);
		}
	}

}
