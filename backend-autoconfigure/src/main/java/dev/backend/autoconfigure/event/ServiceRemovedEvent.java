package dev.backend.autoconfigure.event;

import dev.backend.BackendService;

/**
 * A service is gone for good. The last event of a service.
 */
public class ServiceRemovedEvent extends BackendServiceEvent {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the event.
	 * @param service the service
	 */
	public ServiceRemovedEvent(BackendService service) {
		super(service);
	}

}
