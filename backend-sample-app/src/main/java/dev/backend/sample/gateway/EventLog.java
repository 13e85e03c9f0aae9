package dev.backend.sample.gateway;

import java.time.Instant;

import dev.backend.autoconfigure.event.BackendServiceEvent;
import dev.backend.autoconfigure.event.ServiceAddedEvent;
import dev.backend.autoconfigure.event.ServiceConnectedEvent;
import dev.backend.autoconfigure.event.ServiceDisconnectedEvent;
import dev.backend.autoconfigure.event.ServiceMovedEvent;
import dev.backend.autoconfigure.event.ServiceReadyEvent;
import dev.backend.autoconfigure.event.ServiceRemovedEvent;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The events of the services: the last ones, and those to come.
 */
@Component
class EventLog {

	private static final int KEPT = 100;

	private final Sinks.Many<Entry> entries = Sinks.many().replay().limit(KEPT);

	/**
	 * Returns the last entries and, as they happen, the next ones.
	 * @return the entries; ends when the application does
	 */
	Flux<Entry> stream() {
		return this.entries.asFlux();
	}

	@EventListener
	void on(ServiceAddedEvent event) {
		add("added", event, null);
	}

	@EventListener
	void on(ServiceConnectedEvent event) {
		add("connected", event, null);
	}

	@EventListener
	void on(ServiceReadyEvent event) {
		add("ready", event, null);
	}

	@EventListener
	void on(ServiceDisconnectedEvent event) {
		Throwable cause = event.getCause();
		add("disconnected", event, (cause != null) ? cause.getMessage() : null);
	}

	@EventListener
	void on(ServiceMovedEvent event) {
		add("moved", event, "from " + event.getFrom().endpoint());
	}

	@EventListener
	void on(ServiceRemovedEvent event) {
		add("removed", event, null);
	}

	/** Ends the pages' streams, for which the web server would wait otherwise. */
	@EventListener
	void on(ContextClosedEvent event) {
		complete();
	}

	private synchronized void add(String type, BackendServiceEvent event, @Nullable String detail) {
		this.entries
			.tryEmitNext(new Entry(event.getTime(), type, event.getConfig().name(), event.getConfig().id(), detail));
	}

	private synchronized void complete() {
		this.entries.tryEmitComplete();
	}

	/**
	 * Something that happened to a service.
	 */
	record Entry(Instant time, String type, String service, String id, @Nullable String detail) {
	}

}
