package dev.backend.benchmarks.rpc.client;

import java.util.concurrent.Semaphore;

import dev.backend.benchmarks.rpc.Measurement;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a number of requests in flight from one thread, as an application would: it takes
 * a permit before each request, and the reply gives it back on whatever thread the
 * contender completes it.
 */
final class AsyncDriver implements Driver, ReplyCallback {

	private final Semaphore permits = new Semaphore(0);

	private int bodySize;

	private volatile @Nullable Throwable failure;

	@Override
	public Measurement drive(Contender contender, Run run) throws Exception {
		contender.connect(run.server());
		byte[] body = run.body();
		this.bodySize = body.length;
		EchoCheck.check(contender, body.length);
		this.permits.release(run.work().concurrency());
		issue(contender, body, System.nanoTime() + run.warmUpNanos());
		ResourceMeter meter = new ResourceMeter();
		long requests = issue(contender, body, System.nanoTime() + run.measureNanos());
		return meter.throughput(requests, contender.transport());
	}

	/*
	 * As many are in flight at the end as at the start, so the requests issued are the
	 * requests completed.
	 */
	private long issue(Contender contender, byte[] body, long deadline) throws Exception {
		long issued = 0;
		while (System.nanoTime() - deadline < 0) {
			this.permits.acquire();
			if (this.failure != null) {
				throw new IllegalStateException("a request failed", this.failure);
			}
			contender.request(body, this);
			issued++;
		}
		return issued;
	}

	@Override
	public void replied(int length) {
		if (length != this.bodySize) {
			failed(new IllegalStateException("reply of " + length + " bytes (expected: " + this.bodySize + ")"));
			return;
		}
		this.permits.release();
	}

	@Override
	public void failed(Throwable cause) {
		this.failure = cause;
		this.permits.release();
	}

}
