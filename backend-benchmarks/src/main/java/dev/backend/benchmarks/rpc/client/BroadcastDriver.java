package dev.backend.benchmarks.rpc.client;

import dev.backend.benchmarks.rpc.Measurement;

/**
 * Broadcasts from one thread to 2,000 connections. A broadcast is on the way until the
 * server has received it on all of them. An operation is a message delivered to one
 * connection.
 */
final class BroadcastDriver implements Driver {

	private static final int CONNECTIONS = 2000;

	@Override
	public Measurement drive(Contender contender, Run run) throws Exception {
		contender.connectMany(run.server(), CONNECTIONS);
		byte[] body = run.body();
		try (ReceiptWindow window = new ReceiptWindow(run.control(), run.work().concurrency())) {
			broadcast(contender, body, window, run.warmUpNanos());
			ResourceMeter meter = new ResourceMeter();
			long deliveries = broadcast(contender, body, window, run.measureNanos());
			return meter.throughput(deliveries, contender.transport());
		}
	}

	private static long broadcast(Contender contender, byte[] body, ReceiptWindow window, long nanos) throws Exception {
		long deadline = System.nanoTime() + nanos;
		long deliveries = 0;
		while (System.nanoTime() - deadline < 0) {
			window.enter();
			contender.broadcast(body);
			window.sent(CONNECTIONS);
			deliveries += CONNECTIONS;
		}
		window.await();
		return deliveries;
	}

}
