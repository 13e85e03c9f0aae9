package dev.backend.autoconfigure.event;

import java.time.Instant;

import dev.backend.Availability;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.fleet.FleetService;

import org.springframework.context.ApplicationEvent;

/**
 * Something happened to a service. Its listeners run on a handler thread of the backend,
 * one event after another per service, and delay that service's messages while they run.
 */
public abstract class BackendServiceEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1L;

	private final transient BackendService service;

	private final transient ServiceConfig config;

	private final String backend;

	private final Availability availability;

	private final String state;

	protected BackendServiceEvent(BackendService service) {
		super(service);
		this.service = service;
		this.config = service.config();
		this.backend = service.backend();
		this.availability = service.availability();
		this.state = (service instanceof FleetService known) ? known.state().name() : this.availability.name();
	}

	/**
	 * Returns the service, live.
	 * @return for example a {@code TcpService}
	 */
	public BackendService getService() {
		return this.service;
	}

	/**
	 * Returns the name of the backend to which the service belongs. A listener of one
	 * fleet has the condition {@code #event.backend == 'gameTcpBackend'}.
	 * @return the name of its bean, or what the application has called a backend that it
	 * built itself
	 */
	public String getBackend() {
		return this.backend;
	}

	/**
	 * Returns the service's configuration at the time of the event.
	 * @return the configuration
	 */
	public ServiceConfig getConfig() {
		return this.config;
	}

	/**
	 * Returns whether the service could be chosen when the event was made. It may have
	 * changed since it happened.
	 * @return the availability
	 */
	public Availability getAvailability() {
		return this.availability;
	}

	/**
	 * Returns where the service was in its life, in the terms of its protocol, when the
	 * event was made. It may have moved on since it happened.
	 * @return the name of a {@link dev.backend.tcp.TcpState} or
	 * {@link dev.backend.http.HttpState}, such as {@code READY} or {@code UP}
	 */
	public String getState() {
		return this.state;
	}

	/**
	 * Returns the time at which the event was made.
	 * @return the time
	 */
	public Instant getTime() {
		return Instant.ofEpochMilli(getTimestamp());
	}

	@Override
	public String toString() {
		return getClass().getSimpleName() + "[" + this.config.label() + "]";
	}

}
