package dev.backend.benchmarks.rpc.client;

import java.util.Arrays;

import dev.backend.benchmarks.rpc.Measurement;

/**
 * One thread sends a request, waits for its reply and takes the time of each. The figure
 * is the median.
 */
final class LatencyDriver implements Driver {

	private static final int MOST_SAMPLES = 2_000_000;

	@Override
	public Measurement drive(Contender contender, Run run) throws Exception {
		contender.connect(run.server());
		byte[] body = run.body();
		EchoCheck.check(contender, body.length);
		long[] samples = new long[MOST_SAMPLES];
		sample(contender, body, samples, run.warmUpNanos());
		ResourceMeter meter = new ResourceMeter();
		int count = sample(contender, body, samples, run.measureNanos());
		Arrays.sort(samples, 0, count);
		return meter.costs(samples[count / 2] / 1e3, count, contender.transport());
	}

	private static int sample(Contender contender, byte[] body, long[] samples, long nanos) throws Exception {
		long now = System.nanoTime();
		long deadline = now + nanos;
		int count = 0;
		while (now - deadline < 0 && count < samples.length) {
			if (contender.request(body).length != body.length) {
				throw new IllegalStateException("reply of another length");
			}
			long end = System.nanoTime();
			samples[count++] = end - now;
			now = end;
		}
		return count;
	}

}
