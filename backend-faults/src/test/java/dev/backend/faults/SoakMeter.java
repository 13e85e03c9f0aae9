package dev.backend.faults;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;

/**
 * Measures what must not grow.
 *
 * @param heap the bytes in use after full collections
 * @param direct the direct bytes of Netty's default allocator
 * @param threads the number of threads by name, without the numbers in it, but for those
 * of the peers
 */
record SoakMeter(long heap, long direct, Map<String, Integer> threads) {

	private static final Pattern OTHERS = Pattern.compile("(fault-proxy|note-peer|awaitility|process reaper).*");

	static SoakMeter read() {
		return new SoakMeter(heapAfterCollection(), usedDirectMemory(), threadsByName());
	}

	/** The least of several, since what references keep goes one collection later. */
	private static long heapAfterCollection() {
		long least = Long.MAX_VALUE;
		for (int i = 0; i < 5; i++) {
			System.gc();
			least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
		}
		return least;
	}

	private static long usedDirectMemory() {
		return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
	}

	private static Map<String, Integer> threadsByName() {
		Map<String, Integer> threads = new TreeMap<>();
		for (Thread thread : Thread.getAllStackTraces().keySet()) {
			if (!OTHERS.matcher(thread.getName()).matches()) {
				threads.merge(thread.getName().replaceAll("\\d+", "*"), 1, Integer::sum);
			}
		}
		return threads;
	}

	int threadCount() {
		return sum(this.threads);
	}

	static int threadCountNow() {
		return sum(threadsByName());
	}

	private static int sum(Map<String, Integer> threads) {
		return threads.values().stream().mapToInt(Integer::intValue).sum();
	}

}
