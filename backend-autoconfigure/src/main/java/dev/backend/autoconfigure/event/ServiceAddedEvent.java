package dev.backend.autoconfigure.event;

import dev.backend.BackendService;

/**
 * A service appeared in discovery. The first event of a service.
 */
public class ServiceAddedEvent extends BackendServiceEvent {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the event.
	 * @param service the service
	 */
	public ServiceAddedEvent(BackendService service) {
		super(service);
	}

}
