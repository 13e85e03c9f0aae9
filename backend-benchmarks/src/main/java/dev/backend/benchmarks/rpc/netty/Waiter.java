package dev.backend.benchmarks.rpc.netty;

import java.util.concurrent.locks.LockSupport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * Lets the one thread that made it wait for replies, one after another.
 */
final class Waiter {

	private final Thread thread = Thread.currentThread();

	private volatile byte @Nullable [] reply;

	byte[] await() {
		byte[] result = this.reply;
		while (result == null) {
			LockSupport.park(this);
			result = this.reply;
		}
		this.reply = null;
		return result;
	}

	void complete(ByteBuf in, int index, int length) {
		this.reply = ByteBufUtil.getBytes(in, index, length);
		LockSupport.unpark(this.thread);
	}

}
