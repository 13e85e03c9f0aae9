package dev.backend.benchmarks.rpc.client;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import dev.backend.benchmarks.rpc.Measurement;

/**
 * Takes time, CPU time of the process and allocations of its threads from its creation
 * on. Bytes are summed over the platform threads alive at the end; a thread that ended in
 * between is not counted.
 */
final class ResourceMeter {

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

	private final Map<Long, Long> allocatedAtStart = allocatedBytes();

	private final long cpuAtStart = this.system.getProcessCpuTime();

	private final long start = System.nanoTime();

	/**
	 * Ends a measurement of throughput.
	 * @param operations the operations since the creation
	 * @param transport the transport used
	 * @return operations a second, and what one cost
	 */
	Measurement throughput(long operations, String transport) {
		double seconds = (System.nanoTime() - this.start) / 1e9;
		return costs(operations / seconds, operations, transport);
	}

	/**
	 * Ends a measurement of something else.
	 * @param value what was measured
	 * @param operations the operations since the creation
	 * @param transport the transport used
	 * @return the value, and what one operation cost
	 */
	Measurement costs(double value, long operations, String transport) {
		double cpuMicros = (this.system.getProcessCpuTime() - this.cpuAtStart) / 1e3;
		long bytes = 0;
		for (Map.Entry<Long, Long> thread : allocatedBytes().entrySet()) {
			bytes += thread.getValue() - this.allocatedAtStart.getOrDefault(thread.getKey(), 0L);
		}
		return new Measurement(value, (double) bytes / operations, cpuMicros / operations, transport);
	}

	private Map<Long, Long> allocatedBytes() {
		long[] ids = this.threads.getAllThreadIds();
		long[] bytes = this.threads.getThreadAllocatedBytes(ids);
		Map<Long, Long> result = new HashMap<>();
		for (int i = 0; i < ids.length; i++) {
			if (bytes[i] >= 0) {
				result.put(ids[i], bytes[i]);
			}
		}
		return result;
	}

}
