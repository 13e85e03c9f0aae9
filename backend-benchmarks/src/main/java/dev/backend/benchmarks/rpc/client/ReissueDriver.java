package dev.backend.benchmarks.rpc.client;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.backend.benchmarks.rpc.Measurement;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a number of requests in flight by issuing the next one from the callback of each,
 * on whatever thread the contender calls it: no thread but the contender's own runs.
 */
final class ReissueDriver implements Driver {

	private final LongAdder completed = new LongAdder();

	private volatile @Nullable Throwable failure;

	@Override
	public Measurement drive(Contender contender, Run run) throws Exception {
		contender.connect(run.server());
		byte[] body = run.body();
		EchoCheck.check(contender, body.length);
		Reissue reissue = new Reissue(contender, body);
		for (int i = 0; i < run.work().concurrency(); i++) {
			contender.request(body, reissue);
		}
		TimeUnit.NANOSECONDS.sleep(run.warmUpNanos());
		long before = this.completed.sum();
		ResourceMeter meter = new ResourceMeter();
		TimeUnit.NANOSECONDS.sleep(run.measureNanos());
		Measurement measurement = meter.throughput(this.completed.sum() - before, contender.transport());
		if (this.failure != null) {
			throw new IllegalStateException("a request failed", this.failure);
		}
		return measurement;
	}

	private final class Reissue implements ReplyCallback {

		private final Contender contender;

		private final byte[] body;

		private Reissue(Contender contender, byte[] body) {
			this.contender = contender;
			this.body = body;
		}

		@Override
		public void replied(int length) {
			if (length != this.body.length) {
				failed(new IllegalStateException("reply of " + length + " bytes (expected: " + this.body.length + ")"));
				return;
			}
			ReissueDriver.this.completed.increment();
			this.contender.request(this.body, this);
		}

		@Override
		public void failed(Throwable cause) {
			ReissueDriver.this.failure = cause;
		}

	}

}
