package dev.backend.benchmarks.rpc.netty;

import dev.backend.benchmarks.rpc.client.ReplyCallback;
import org.jspecify.annotations.Nullable;

/**
 * A place in the ceiling's pending table, made once and used again and again; handed over
 * as it is. Written by the caller before the hand-over and cleared by the event loop when
 * the reply has come.
 */
final class Slot {

	private static final byte[] EMPTY = new byte[0];

	long id;

	byte[] body = EMPTY;

	@Nullable ReplyCallback callback;

	@Nullable Waiter waiter;

}
