package dev.backend.autoconfigure.discovery;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last good content of each service. For one thread.
 */
final class CloudViews {

	private Map<String, View> views = Map.of();

	private boolean recovered;

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
			next.put(name, new View(content, readAt, false));
		});
		answer.failures().forEach((name, failure) -> {
			View before = this.views.get(name);
			// Of one that was never read, others may know: it counts as missed.
			next.put(name, (before != null) ? new View(before.content(), before.readAt(), true)
					: new View(CloudContent.NONE, readAt, true));
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

	/** When each service was read last. */
	Map<String, Long> readTimes() {
		Map<String, Long> times = new HashMap<>();
		this.views.forEach((name, view) -> times.put(name, view.readAt()));
		return times;
	}

	/**
	 * What is known of a service.
	 *
	 * @param content its last good content
	 * @param readAt when that was read
	 * @param failed whether it could not be read last
	 */
	private record View(CloudContent content, long readAt, boolean failed) {
	}

}
