package dev.backend.http;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the hooks as short lines.
 */
final class EventRecorder implements BackendListener {

	private final List<String> events = new CopyOnWriteArrayList<>();

	List<String> events() {
		return List.copyOf(this.events);
	}

	/** The events of one instance. */
	List<String> of(String id) {
		return this.events.stream()
			.filter((event) -> event.endsWith(" " + id))
			.map((event) -> event.substring(0, event.indexOf(' ')))
			.toList();
	}

	@Override
	public void onAdded(BackendService service) {
		record("added", service);
	}

	@Override
	public void onMoved(BackendService service, ServiceConfig from) {
		record("moved", service);
	}

	@Override
	public void onConnected(BackendService service) {
		record("connected", service);
	}

	@Override
	public void onReady(BackendService service) {
		record("ready", service);
	}

	@Override
	public void onDisconnected(BackendService service, @Nullable Throwable cause) {
		record("disconnected", service);
	}

	@Override
	public void onRemoved(BackendService service) {
		record("removed", service);
	}

	private void record(String event, BackendService service) {
		this.events.add(event + " " + service.id());
	}

}
