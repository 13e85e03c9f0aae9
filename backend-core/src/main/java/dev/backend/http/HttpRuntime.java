package dev.backend.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.execution.PermitGate;

/**
 * What all services of a backend share.
 */
final class HttpRuntime {

	private final HttpTransport transport;

	private final BackendListener listener;

	private final Executor handlerExecutor;

	private final Consumer<HttpService> availabilityChangeListener;

	private final PermitGate probes;

	private final ProbeLog log = new ProbeLog(System::nanoTime);

	private final LongAdder ejections = new LongAdder();

	private final Map<String, HttpCounters> counters = new ConcurrentHashMap<>();

	private volatile HttpSettings settings;

	/**
	 * Creates what is shared.
	 * @param settings the settings at the start
	 * @param transport makes the probes
	 * @param listener the hooks
	 * @param handlerExecutor runs them
	 * @param availabilityChangeListener told when a service may be chosen, or not any
	 * more
	 */
	HttpRuntime(HttpSettings settings, HttpTransport transport, BackendListener listener, Executor handlerExecutor,
			Consumer<HttpService> availabilityChangeListener) {
		this.settings = settings;
		this.transport = transport;
		this.listener = listener;
		this.handlerExecutor = handlerExecutor;
		this.availabilityChangeListener = availabilityChangeListener;
		this.probes = new PermitGate(settings.concurrentProbes());
	}

	HttpSettings settings() {
		return this.settings;
	}

	void settings(HttpSettings settings) {
		this.settings = settings;
	}

	HttpTransport transport() {
		return this.transport;
	}

	BackendListener listener() {
		return this.listener;
	}

	Executor handlerExecutor() {
		return this.handlerExecutor;
	}

	/** Bounds how many probes there are at once. */
	PermitGate probes() {
		return this.probes;
	}

	ProbeLog log() {
		return this.log;
	}

	/** The counters of a service name; they outlive its group. */
	HttpCounters counters(String name) {
		return this.counters.computeIfAbsent(name, (key) -> new HttpCounters());
	}

	/** How often an instance was ejected. */
	LongAdder ejections() {
		return this.ejections;
	}

	void availabilityChanged(HttpService service) {
		this.availabilityChangeListener.accept(service);
	}

}
