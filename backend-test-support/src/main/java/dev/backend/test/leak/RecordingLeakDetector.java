package dev.backend.test.leak;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import org.jspecify.annotations.Nullable;

/**
 * Knows every buffer, and whatever else Netty tracks, that is not yet released, for
 * {@link LeakCheck}. Netty makes it by the system property
 * {@code io.netty.customResourceLeakDetector}.
 *
 * <p>
 * What Netty itself reports depends on chance: it looks only when it tracks the next
 * resource of that kind, at what the JVM's reference handler has come to, and reports two
 * leaks with the same stack traces once. So it is told to report nothing, and
 * {@link #takeLeaks()} looks at the references, which a collection clears before it
 * returns.
 *
 * @param <T> the type of the resources
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {

	private static final Set<Tracked<?>> live = ConcurrentHashMap.newKeySet();

	private static volatile String origin = "what ran before the tests";

	private final String resourceType;

	/**
	 * Called by Netty.
	 * @param resourceType the type of the resources
	 * @param samplingInterval not used at the level paranoid
	 */
	public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
		super(resourceType, samplingInterval);
		this.resourceType = resourceType.getSimpleName();
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
	public @Nullable ResourceLeakTracker<T> track(T resource) {
		return track(resource, super.track(resource));
	}

	@Override
	public @Nullable ResourceLeakTracker<T> trackForcibly(T resource) {
		return track(resource, super.trackForcibly(resource));
	}

	private @Nullable ResourceLeakTracker<T> track(T resource, @Nullable ResourceLeakTracker<T> tracker) {
		return (tracker != null) ? new Tracked<>(resource, tracker, this.resourceType, origin) : null;
	}

	@Override
	protected boolean needReport() {
		return false;
	}

	/**
	 * From now on, resources are made for this.
	 * @param name names a test class
	 * @return for what they were made before
	 */
	static String setOrigin(String name) {
		String before = origin;
		origin = name;
		return before;
	}

	/** Whether something that was made for this is not released, leaked or in use. */
	static boolean hasLive(String name) {
		return live.stream().anyMatch((tracked) -> tracked.origin.equals(name));
	}

	/**
	 * Takes what was collected and never released. There is no collection if all that is
	 * not released has survived one: constants of Netty are never released, and a
	 * collection takes a tenth of a second or more.
	 * @param collection collects all garbage before it returns
	 * @return their texts say what it was, for which test class it was made, and where it
	 * was touched
	 */
	static List<Object> takeLeaks(Runnable collection) {
		List<Tracked<?>> young = live.stream().filter((tracked) -> !tracked.survived).toList();
		if (!young.isEmpty()) {
			collection.run();
			young.forEach((tracked) -> tracked.survived = true);
		}
		List<Object> leaks = new ArrayList<>();
		for (Tracked<?> tracked : live) {
			if (tracked.refersTo(null) && live.remove(tracked)) {
				leaks.add(tracked);
			}
		}
		return leaks;
	}

	/** A resource that is not yet released. */
	private static final class Tracked<T> extends WeakReference<T> implements ResourceLeakTracker<T> {

		private final ResourceLeakTracker<T> tracker;

		private final String type;

		private final String origin;

		private volatile boolean survived;

		Tracked(T resource, ResourceLeakTracker<T> tracker, String type, String origin) {
			super(resource);
			this.tracker = tracker;
			this.type = type;
			this.origin = origin;
			live.add(this);
		}

		@Override
		public void record() {
			this.tracker.record();
		}

		@Override
		public void record(Object hint) {
			this.tracker.record(hint);
		}

		@Override
		public boolean close(T resource) {
			try {
				live.remove(this);
				return this.tracker.close(resource);
			}
			finally {
				// It must not be collected while it is being released.
				Reference.reachabilityFence(resource);
			}
		}

		@Override
		public @Nullable Throwable getCloseStackTraceIfAny() {
			return this.tracker.getCloseStackTraceIfAny();
		}

		@Override
		public String toString() {
			return "%s of %s%s".formatted(this.type, this.origin, this.tracker);
		}

	}

}
