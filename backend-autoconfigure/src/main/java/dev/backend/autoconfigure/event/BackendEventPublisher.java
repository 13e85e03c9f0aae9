package dev.backend.autoconfigure.event;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.logging.StandIn;
import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes what happens to services as application events.
 */
final class BackendEventPublisher implements BackendListener, StandIn {

	private final ApplicationEventPublisher publisher;

	BackendEventPublisher(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@Override
	public void onAdded(BackendService service) {
		this.publisher.publishEvent(new ServiceAddedEvent(service));
	}

	@Override
	public void onRemoved(BackendService service) {
		this.publisher.publishEvent(new ServiceRemovedEvent(service));
	}

	@Override
	public void onMoved(BackendService service, ServiceConfig from) {
		this.publisher.publishEvent(new ServiceMovedEvent(service, from));
	}

	@Override
	public void onConnected(BackendService service) {
		this.publisher.publishEvent(new ServiceConnectedEvent(service));
	}

	@Override
	public void onReady(BackendService service) {
		this.publisher.publishEvent(new ServiceReadyEvent(service));
	}

	@Override
	public void onDisconnected(BackendService service, @Nullable Throwable cause) {
		this.publisher.publishEvent(new ServiceDisconnectedEvent(service, cause));
	}

	@Override
	public String nameOfFailed(Throwable failure) {
		return FailedEventListener.nameOf(failure);
	}

}
