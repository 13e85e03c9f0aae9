package dev.backend.autoconfigure.event;

import dev.backend.BackendService;

/**
 * The connection to a service is up, or its probe succeeds again. Followed by one
 * {@link ServiceDisconnectedEvent}.
 */
public class ServiceConnectedEvent extends BackendServiceEvent {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the event.
	 * @param service the service
	 */
	public ServiceConnectedEvent(BackendService service) {
		super(service);
	}

}
