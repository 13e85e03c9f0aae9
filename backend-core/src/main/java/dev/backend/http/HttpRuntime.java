package dev.backend.http;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.execution.PermitGate;

/**
 * What the services of one backend share while it runs.
 */
final class HttpRuntime {

	private final HttpContext context;

	private final HttpTransport transport;

	private final BackendListener listener;

	private final Executor handlerExecutor;

	private final Consumer<HttpService> availabilityChanged;

	private final PermitGate probes;

	/**
	 * Creates what is shared.
	 * @param context settings and counters
	 * @param transport makes the probes
	 * @param listener the hooks
	 * @param handlerExecutor runs them
	 * @param availabilityChanged told when a service may be chosen, or not any more
	 */
	HttpRuntime(HttpContext context, HttpTransport transport, BackendListener listener, Executor handlerExecutor,
			Consumer<HttpService> availabilityChanged) {
		this.context = context;
		this.transport = transport;
		this.listener = listener;
		this.handlerExecutor = handlerExecutor;
		this.availabilityChanged = availabilityChanged;
		this.probes = new PermitGate(context.settings().concurrentProbes());
	}

	HttpContext context() {
		return this.context;
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

	void availabilityChanged(HttpService service) {
		this.availabilityChanged.accept(service);
	}

}
