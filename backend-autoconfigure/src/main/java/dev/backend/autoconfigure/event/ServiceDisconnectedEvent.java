package dev.backend.autoconfigure.event;

import dev.backend.BackendService;
import org.jspecify.annotations.Nullable;

/**
 * The connection to a service is lost or was closed, or its probe fails.
 */
public class ServiceDisconnectedEvent extends BackendServiceEvent {

	private static final long serialVersionUID = 1L;

	private final @Nullable Throwable cause;

	/**
	 * Creates the event.
	 * @param service the service
	 * @param cause why, or {@code null} if the service has left, moves, is suspended, or
	 * the backend stops
	 */
	public ServiceDisconnectedEvent(BackendService service, @Nullable Throwable cause) {
		super(service);
		this.cause = cause;
	}

	/**
	 * Returns why the connection ended: what failed, or the reason that the application
	 * gave when it closed it.
	 * @return the cause, or {@code null} if the service has left, moves, is suspended, or
	 * the backend stops
	 */
	public @Nullable Throwable getCause() {
		return this.cause;
	}

}
