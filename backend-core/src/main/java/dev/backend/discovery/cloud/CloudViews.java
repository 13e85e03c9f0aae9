package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The last good content of each service. For one thread.
 *
 * <p>
 * A loss is confirmed by another read of the same service, not by one of others: while
 * there is a service that misses something and was not read again a confirmation delay
 * later, the time of its last read is the oldest of the whole view.
 */
final class CloudViews {

	private final long confirmationNanos;

	private Map<String, View> views = Map.of();

	private boolean recovered;

	CloudViews(Duration confirmationDelay) {
		this.confirmationNanos = confirmationDelay.toNanos();
	}

	/**
	 * Takes over what was read; what could not be read keeps its last good content.
	 * @param answer what was read
	 * @param readAt when that began
	 */
	void update(CloudAnswer answer, long readAt) {
		Map<String, View> next = new LinkedHashMap<>();
		this.recovered = false;
		answer.services().forEach((name, content) -> {
			View before = this.views.get(name);
			this.recovered |= before != null && before.failed();
			next.put(name, new View(content, readAt, missedAt(before, content, readAt), false));
		});
		answer.failures().forEach((name, failure) -> {
			View before = this.views.get(name);
			// Of one that was never read, others may know: it counts as missed.
			next.put(name, (before != null) ? new View(before.content(), before.readAt(), before.missedAt(), true)
					: new View(CloudContent.NONE, readAt, readAt, true));
		});
		this.views = next;
	}

	/** The content of all services. */
	Map<String, CloudContent> contents() {
		Map<String, CloudContent> contents = new LinkedHashMap<>();
		this.views.forEach((name, view) -> contents.put(name, view.content()));
		return contents;
	}

	/** Whether the last read found a service again that could not be read before. */
	boolean recovered() {
		return this.recovered;
	}

	/** When the read was that a loss rests on, at the latest the last one. */
	long oldestReadAt(long readAt) {
		long oldest = readAt;
		for (View view : this.views.values()) {
			if (view.missedAt() != null && view.readAt() - oldest < 0) {
				oldest = view.readAt();
			}
		}
		return oldest;
	}

	private @Nullable Long missedAt(@Nullable View before, CloudContent content, long readAt) {
		if (before == null) {
			return null;
		}
		Long missed = before.missedAt();
		boolean confirmed = missed != null && readAt - missed >= this.confirmationNanos;
		return content.misses(before.content()) ? Long.valueOf(readAt) : (confirmed ? null : missed);
	}

	/**
	 * What is known of a service.
	 *
	 * @param content its last good content
	 * @param readAt when that was read
	 * @param missedAt when a loss was read last that is not confirmed yet, if there is
	 * one
	 * @param failed whether it could not be read last
	 */
	private record View(CloudContent content, long readAt, @Nullable Long missedAt, boolean failed) {
	}

}
