package dev.backend.test.leak;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.netty.util.ResourceLeakDetector;

/**
 * Keeps what Netty reports as leaked, for {@link LeakCheck}. Netty makes it by the system
 * property {@code io.netty.customResourceLeakDetector}.
 *
 * @param <T> the type of the resources
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {

	private static final Queue<String> reports = new ConcurrentLinkedQueue<>();

	/**
	 * Called by Netty.
	 * @param resourceType the type of the resources
	 * @param samplingInterval not used at the level paranoid
	 */
	public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
		super(resourceType, samplingInterval);
	}

	/**
	 * Netty looks for this one, too, and logs an error if it is missing.
	 * @param resourceType the type of the resources
	 * @param samplingInterval not used at the level paranoid
	 * @param maxActive not used
	 */
	public RecordingLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
		this(resourceType, samplingInterval);
	}

	@Override
	protected boolean needReport() {
		return true;
	}

	@Override
	protected void reportTracedLeak(String resourceType, String records) {
		super.reportTracedLeak(resourceType, records);
		reports.add(resourceType + records);
	}

	@Override
	protected void reportUntracedLeak(String resourceType) {
		super.reportUntracedLeak(resourceType);
		reports.add(resourceType + " (no records)");
	}

	/** Takes what was reported since the last call. */
	static List<String> takeReports() {
		List<String> taken = new ArrayList<>();
		for (String report = reports.poll(); report != null; report = reports.poll()) {
			taken.add(report);
		}
		return taken;
	}

}
