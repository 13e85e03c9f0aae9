package dev.backend.test.leak;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.List;

import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails the test class after which a leaked buffer is found, with the places that touched
 * it. What was not garbage then fails a later class, or the build by the line in the log.
 * Registered for all tests.
 */
public final class LeakCheck implements AfterAllCallback {

	@Override
	public void afterAll(ExtensionContext context) throws InterruptedException {
		if (context.getRequiredTestClass().isMemberClass()) {
			return;
		}
		collectGarbage();
		// Netty looks for leaks when it allocates.
		UnpooledByteBufAllocator.DEFAULT.directBuffer(1).release();
		List<String> reports = RecordingLeakDetector.takeReports();
		if (!reports.isEmpty()) {
			throw new AssertionError("Buffers were not released, in this class or before it: " + reports);
		}
	}

	/** Returns when references to garbage have reached their queues. */
	private static void collectGarbage() throws InterruptedException {
		ReferenceQueue<Object> queue = new ReferenceQueue<>();
		WeakReference<Object> witness = new WeakReference<>(new Object(), queue);
		do {
			System.gc();
		}
		while (queue.remove(1000) != witness);
	}

}
