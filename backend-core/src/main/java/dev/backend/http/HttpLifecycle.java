package dev.backend.http;

import java.time.Duration;

import dev.backend.BackendListener;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.fleet.FleetBuilder;
import dev.backend.fleet.FleetLifecycle;
import dev.backend.routing.ConsistentHash;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a {@link HttpBackend}.
 */
final class HttpLifecycle extends FleetLifecycle<HttpService, HttpGroup> {

	private final ConsistentHash algorithm;

	private final HttpRuntime runtime;

	HttpLifecycle(FleetBuilder<?> builder, HttpTransport transport, HttpSettings settings, ConsistentHash algorithm,
			BackendListener listener) {
		super(builder, transport, listener);
		this.algorithm = algorithm;
		this.runtime = new HttpRuntime(settings, transport, listener, handlerExecutor(), fleet()::availabilityChanged);
	}

	HttpRuntime runtime() {
		return this.runtime;
	}

	void settings(HttpSettings settings) {
		this.runtime.settings(settings);
		fleet().forEach(HttpService::settingsChanged);
	}

	/** Nothing is pending here: that is the business of an HTTP client. */
	@Override
	protected Duration drainTimeout() {
		return Duration.ZERO;
	}

	@Override
	public HttpGroup newGroup(String name) {
		return new HttpGroup(name, this.algorithm);
	}

	@Override
	public HttpService newService(HttpGroup group, ServiceConfig config, @Nullable Object info) {
		return new HttpService(config, info, group.ejections(), this.runtime);
	}

	/** Without a connection, nothing but discovery says that an instance is there. */
	@Override
	public RemovalMode removalMode() {
		return RemovalMode.IMMEDIATE;
	}

}
