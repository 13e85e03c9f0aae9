package dev.backend.benchmarks.rpc.client;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.concurrent.TimeUnit;

import dev.backend.benchmarks.rpc.Measurement;

/**
 * Opens some connections so that everything shared exists, then many more, and divides
 * the heap that the latter take after a full collection by their number.
 */
final class IdleDriver implements Driver {

	private static final int FIRST = 500;

	@Override
	public Measurement drive(Contender contender, Run run) throws Exception {
		int connections = run.work().concurrency();
		contender.connectIdle(run.server(), FIRST);
		long before = usedHeap();
		contender.connectIdle(run.server(), connections);
		long after = usedHeap();
		return new Measurement((double) (after - before) / connections, Double.NaN, Double.NaN, contender.transport());
	}

	private static long usedHeap() throws InterruptedException {
		MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
		for (int i = 0; i < 4; i++) {
			TimeUnit.MILLISECONDS.sleep(200);
			memory.gc();
		}
		return memory.getHeapMemoryUsage().getUsed();
	}

}
