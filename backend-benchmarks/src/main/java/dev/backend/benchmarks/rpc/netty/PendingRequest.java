package dev.backend.benchmarks.rpc.netty;

import java.util.concurrent.CompletableFuture;

/**
 * A request of {@link FutureConnection}: the future is the pending entry.
 */
final class PendingRequest extends CompletableFuture<byte[]> {

	final long id;

	final byte[] body;

	PendingRequest(long id, byte[] body) {
		this.id = id;
		this.body = body;
	}

}
