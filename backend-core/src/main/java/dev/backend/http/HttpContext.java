package dev.backend.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The settings and counters of one backend, which outlive its runs.
 */
final class HttpContext {

	private final LongAdder ejections = new LongAdder();

	private final Map<String, HttpCounters> counters = new ConcurrentHashMap<>();

	private volatile HttpSettings settings;

	HttpContext(HttpSettings settings) {
		this.settings = settings;
	}

	HttpSettings settings() {
		return this.settings;
	}

	void settings(HttpSettings settings) {
		this.settings = settings;
	}

	/** The counters of a service name; they outlive its group. */
	HttpCounters counters(String name) {
		return this.counters.computeIfAbsent(name, (key) -> new HttpCounters());
	}

	/** How often an instance was ejected. */
	LongAdder ejections() {
		return this.ejections;
	}

}
