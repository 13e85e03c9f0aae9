package dev.backend.http;

import dev.backend.fleet.ServiceGroup;
import dev.backend.routing.ConsistentHash;
import dev.backend.transport.PlainWords;

/**
 * The instances of one service name. Safe for use by any thread. No method blocks.
 */
public final class HttpGroup extends ServiceGroup<HttpService> {

	private final GroupEjections ejections = new GroupEjections();

	HttpGroup(String name, ConsistentHash algorithm) {
		super(name, algorithm);
	}

	GroupEjections ejections() {
		return this.ejections;
	}

	@Override
	protected String describe(HttpService service) {
		Throwable failure = service.lastFailure();
		return (failure != null)
				? "%s (%s)".formatted(service.state(), PlainWords.describe(failure, service.toString()))
				: service.state().toString();
	}

}
