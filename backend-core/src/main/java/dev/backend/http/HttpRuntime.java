package dev.backend.http;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.fleet.DialGate;

/**
 * What all services of a backend share.
 *
 * @param settings the settings
 * @param transport makes the probes
 * @param probes bounds how many there are at once
 * @param listener the hooks
 * @param handlerExecutor runs them
 * @param availabilityChangeListener told when a service may be chosen, or not any more
 */
record HttpRuntime(HttpSettings settings, HttpTransport transport, DialGate probes, BackendListener listener,
		Executor handlerExecutor, Consumer<HttpService> availabilityChangeListener) {

	void availabilityChanged(HttpService service) {
		this.availabilityChangeListener.accept(service);
	}

}
