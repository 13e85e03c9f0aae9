package dev.backend.test.leak;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails the test class that leaks a buffer, with the places that touched it: it looks
 * after a garbage collection of its own. What is still referred to then, such as by an
 * application context that Spring keeps, is no leak; should it become one, the class
 * after which it is found fails, and the message names the one that made it. Registered
 * for all tests.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {

	/**
	 * So long may be under way what the class has begun, such as an answer that nobody
	 * reads.
	 */
	private static final Duration SETTLING = Duration.ofMillis(200);

	private static final Duration LONGEST_COLLECTION = Duration.ofSeconds(30);

	private static final int SHOWN = 10;

	private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakCheck.class);

	@Override
	public void beforeAll(ExtensionContext context) {
		if (isOutermost(context)) {
			store(context).put(String.class, RecordingLeakDetector.setOrigin(name(context)));
		}
	}

	@Override
	public void afterAll(ExtensionContext context) throws InterruptedException {
		if (!isOutermost(context)) {
			return;
		}
		RecordingLeakDetector.setOrigin(store(context).getOrDefault(String.class, String.class, "no test class"));
		List<Object> leaks = findLeaks(name(context));
		if (!leaks.isEmpty()) {
			throw new AssertionError("%d resources were not released, such as: %s".formatted(leaks.size(),
					leaks.subList(0, Math.min(SHOWN, leaks.size()))));
		}
	}

	private static List<Object> findLeaks(String name) throws InterruptedException {
		long start = System.nanoTime();
		while (RecordingLeakDetector.hasLive(name) && System.nanoTime() - start < SETTLING.toNanos()) {
			TimeUnit.MILLISECONDS.sleep(5);
		}
		return RecordingLeakDetector.takeLeaks(LeakCheck::collectGarbage);
	}

	/** Returns when references to what is garbage now are cleared. */
	private static void collectGarbage() {
		WeakReference<Object> witness = new WeakReference<>(new Object());
		long start = System.nanoTime();
		do {
			System.gc();
			if (witness.refersTo(null)) {
				return;
			}
		}
		while (System.nanoTime() - start < LONGEST_COLLECTION.toNanos());
		throw new AssertionError("The garbage collector has collected nothing within " + LONGEST_COLLECTION
				+ " (expected: that System.gc() works)");
	}

	/** Nested classes are judged with the one around them. */
	private static boolean isOutermost(ExtensionContext context) {
		return context.getParent().flatMap(ExtensionContext::getTestClass).isEmpty();
	}

	private static String name(ExtensionContext context) {
		return context.getRequiredTestClass().getName();
	}

	private static ExtensionContext.Store store(ExtensionContext context) {
		return context.getStore(NAMESPACE);
	}

}
