package dev.backend.autoconfigure.event;

import dev.backend.BackendService;

/**
 * A service became usable: it is on the rings.
 */
public class ServiceReadyEvent extends BackendServiceEvent {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the event.
	 * @param service the service
	 */
	public ServiceReadyEvent(BackendService service) {
		super(service);
	}

}
