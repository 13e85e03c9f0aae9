package dev.backend.benchmarks.rpc.client;

import dev.backend.benchmarks.rpc.Measurement;

/**
 * Sends one-way messages from one thread in bursts of 1,024, at most 16 bursts on the
 * way; the measurement ends when the server has received them all.
 */
final class SendDriver implements Driver {

	private static final int BURST = 1024;

	@Override
	public Measurement drive(Contender contender, Run run) throws Exception {
		contender.connect(run.server());
		byte[] body = run.body();
		try (ReceiptWindow window = new ReceiptWindow(run.control(), run.work().concurrency())) {
			send(contender, body, window, run.warmUpNanos());
			ResourceMeter meter = new ResourceMeter();
			long messages = send(contender, body, window, run.measureNanos());
			return meter.throughput(messages, contender.transport());
		}
	}

	private static long send(Contender contender, byte[] body, ReceiptWindow window, long nanos) throws Exception {
		long deadline = System.nanoTime() + nanos;
		long sent = 0;
		while (System.nanoTime() - deadline < 0) {
			window.enter();
			for (int i = 0; i < BURST; i++) {
				contender.send(body);
			}
			window.sent(BURST);
			sent += BURST;
		}
		window.await();
		return sent;
	}

}
