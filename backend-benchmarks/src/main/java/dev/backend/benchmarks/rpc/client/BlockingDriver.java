package dev.backend.benchmarks.rpc.client;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.backend.benchmarks.rpc.Measurement;
import org.jspecify.annotations.Nullable;

/**
 * Runs threads, platform or virtual ones, that each send a request, wait for its reply,
 * and start over.
 */
final class BlockingDriver implements Driver {

	private final Executor callers;

	private final LongAdder completed = new LongAdder();

	private volatile boolean stopped;

	private volatile @Nullable Throwable failure;

	/**
	 * Creates a driver.
	 * @param callers has a thread for each caller
	 */
	BlockingDriver(Executor callers) {
		this.callers = callers;
	}

	@Override
	public Measurement drive(Contender contender, Run run) throws Exception {
		contender.connect(run.server());
		byte[] body = run.body();
		EchoCheck.check(contender, body.length);
		for (int i = 0; i < run.work().concurrency(); i++) {
			this.callers.execute(() -> call(contender, body));
		}
		TimeUnit.NANOSECONDS.sleep(run.warmUpNanos());
		long before = this.completed.sum();
		ResourceMeter meter = new ResourceMeter();
		TimeUnit.NANOSECONDS.sleep(run.measureNanos());
		long requests = this.completed.sum() - before;
		Measurement measurement = meter.throughput(requests, contender.transport());
		this.stopped = true;
		if (this.failure != null) {
			throw new IllegalStateException("a request failed", this.failure);
		}
		if (requests == 0) {
			throw new IllegalStateException("no request was answered while it was measured");
		}
		return measurement;
	}

	private void call(Contender contender, byte[] body) {
		try {
			while (!this.stopped) {
				if (contender.request(body).length != body.length) {
					throw new IllegalStateException("reply of another length");
				}
				this.completed.increment();
			}
		}
		catch (Exception ex) {
			this.failure = ex;
		}
	}

}
