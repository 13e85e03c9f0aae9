package dev.backend.http;

import java.time.Duration;
import java.util.Set;

import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.fleet.ProtocolRun;
import dev.backend.routing.ConsistentHash;
import org.jspecify.annotations.Nullable;

/**
 * What HTTP brings to a run of a backend.
 */
final class HttpRun implements ProtocolRun<HttpService, HttpGroup> {

	private final ConsistentHash algorithm;

	private final HttpRuntime runtime;

	HttpRun(ConsistentHash algorithm, HttpRuntime runtime) {
		this.algorithm = algorithm;
		this.runtime = runtime;
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

	/** Nothing is pending here: that is the business of an HTTP client. */
	@Override
	public Duration drainTimeout() {
		return Duration.ZERO;
	}

	@Override
	public Duration tickInterval() {
		return Duration.ZERO;
	}

	@Override
	public void retain(Set<String> names) {
		this.runtime.context().retain(names);
	}

	@Override
	public boolean ownsCurrentThread() {
		return this.runtime.transport().ownsCurrentThread();
	}

	@Override
	public void close(boolean channelsOpen, Duration timeout) {
		this.runtime.transport().close(timeout);
	}

}
