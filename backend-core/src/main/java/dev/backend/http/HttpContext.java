package dev.backend.http;

import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

import dev.backend.fleet.CountersByName;
import dev.backend.logging.FailureLog;

/**
 * The settings and counters of one backend, which outlive its runs.
 */
final class HttpContext {

	private final LongAdder ejections = new LongAdder();

	private final CountersByName<HttpCounters> counters = new CountersByName<>(HttpCounters::new, System::nanoTime);

	private final FailureLog failureLog;

	private volatile HttpSettings settings;

	HttpContext(HttpSettings settings, FailureLog failureLog) {
		this.settings = settings;
		this.failureLog = failureLog;
	}

	/** Bounds what is logged of the services. */
	FailureLog failureLog() {
		return this.failureLog;
	}

	HttpSettings settings() {
		return this.settings;
	}

	void settings(HttpSettings settings) {
		this.settings = settings;
	}

	/** The counters of a service name; they outlive its group for a while. */
	HttpCounters counters(String name) {
		return this.counters.get(name);
	}

	/** Forgets in time what belongs to other names than these. */
	void retain(Set<String> names) {
		this.counters.retain(names);
	}

	/** How often an instance was ejected. */
	LongAdder ejections() {
		return this.ejections;
	}

}
