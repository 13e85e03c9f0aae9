package dev.backend.fleet;

import java.util.List;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.logging.StandIn;
import org.jspecify.annotations.Nullable;

/**
 * Calls several listeners one after another; what one throws keeps none of the others
 * from being called, and is thrown when they were.
 */
public final class CompositeListener implements BackendListener {

	private final List<BackendListener> listeners;

	/**
	 * Creates the composite.
	 * @param listeners the listeners, in the order of their calls
	 */
	public CompositeListener(List<BackendListener> listeners) {
		this.listeners = List.copyOf(listeners);
	}

	@Override
	public void onAdded(BackendService service) {
		each(service, (listener) -> listener.onAdded(service));
	}

	@Override
	public void onRemoved(BackendService service) {
		each(service, (listener) -> listener.onRemoved(service));
	}

	@Override
	public void onMoved(BackendService service, ServiceConfig from) {
		each(service, (listener) -> listener.onMoved(service, from));
	}

	@Override
	public void onConnected(BackendService service) {
		each(service, (listener) -> listener.onConnected(service));
	}

	@Override
	public void onReady(BackendService service) {
		each(service, (listener) -> listener.onReady(service));
	}

	@Override
	public void onDisconnected(BackendService service, @Nullable Throwable cause) {
		each(service, (listener) -> listener.onDisconnected(service, cause));
	}

	@Override
	public void onSent(BackendService service, int bytes) {
		if (!this.listeners.isEmpty()) {
			each(service, (listener) -> listener.onSent(service, bytes));
		}
	}

	@Override
	public void onReceived(BackendService service, int bytes) {
		if (!this.listeners.isEmpty()) {
			each(service, (listener) -> listener.onReceived(service, bytes));
		}
	}

	private void each(BackendService service, Consumer<BackendListener> call) {
		ListenerFailure failure = null;
		for (BackendListener listener : this.listeners) {
			try {
				call.accept(listener);
			}
			catch (Throwable ex) {
				ListenerFailure failed = (ex instanceof ListenerFailure known) ? known
						: new ListenerFailure(listener, service, ex);
				if (failure == null) {
					failure = failed;
				}
				else {
					failure.addSuppressed(failed);
				}
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	/** Names the listener, also where composites call composites. */
	private static final class ListenerFailure extends IllegalStateException {

		private static final long serialVersionUID = 1L;

		ListenerFailure(BackendListener listener, BackendService service, Throwable thrown) {
			super("listener %s failed for %s".formatted(StandIn.nameOf(listener, thrown), service.config().label()),
					thrown);
		}

	}

}
