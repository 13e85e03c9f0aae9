package dev.backend.autoconfigure.event;

import dev.backend.BackendService;

/**
 * Bytes were sent to or received from a service. Published only if
 * {@code backend.tcp.publish-traffic-events} is set, for all fleets or one, by a thread
 * of its own: while a listener is busy, what happens meanwhile is added up into one event
 * per service.
 */
public class ServiceTrafficEvent extends BackendServiceEvent {

	private static final long serialVersionUID = 1L;

	private final long sentBytes;

	private final long receivedBytes;

	/**
	 * Creates the event.
	 * @param service the service
	 * @param sentBytes the bytes handed to the transport since the last event
	 * @param receivedBytes the bytes that arrived since the last event
	 */
	public ServiceTrafficEvent(BackendService service, long sentBytes, long receivedBytes) {
		super(service);
		this.sentBytes = sentBytes;
		this.receivedBytes = receivedBytes;
	}

	/**
	 * Returns the bytes handed to the transport since the last event.
	 * @return the number of bytes
	 */
	public long getSentBytes() {
		return this.sentBytes;
	}

	/**
	 * Returns the bytes that arrived since the last event.
	 * @return the number of bytes
	 */
	public long getReceivedBytes() {
		return this.receivedBytes;
	}

}
