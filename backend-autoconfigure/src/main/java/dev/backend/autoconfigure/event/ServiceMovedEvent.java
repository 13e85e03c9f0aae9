package dev.backend.autoconfigure.event;

import dev.backend.BackendService;
import dev.backend.ServiceConfig;

/**
 * A service has changed its address or port under its id, and is reached there from now
 * on: {@link #getConfig()} says where. It is the same service, with the same info object.
 */
public class ServiceMovedEvent extends BackendServiceEvent {

	private static final long serialVersionUID = 1L;

	private final transient ServiceConfig from;

	/**
	 * Creates the event.
	 * @param service the service
	 * @param from what its configuration was before
	 */
	public ServiceMovedEvent(BackendService service, ServiceConfig from) {
		super(service);
		this.from = from;
	}

	/**
	 * Returns where the service was.
	 * @return its configuration before the move
	 */
	public ServiceConfig getFrom() {
		return this.from;
	}

}
