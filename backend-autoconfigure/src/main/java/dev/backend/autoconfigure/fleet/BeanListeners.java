package dev.backend.autoconfigure.fleet;

import java.util.function.Supplier;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.fleet.CompositeListener;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.function.SingletonSupplier;

/**
 * Calls the {@link BackendListener} beans in order. They are looked up with the first
 * call, so that a listener may have the backend injected that calls it.
 */
final class BeanListeners implements BackendListener {

	private final Supplier<CompositeListener> listeners;

	/**
	 * Creates the hooks.
	 * @param listeners the beans, not looked up yet
	 */
	BeanListeners(ObjectProvider<BackendListener> listeners) {
		this.listeners = SingletonSupplier.of(() -> new CompositeListener(listeners.orderedStream().toList()));
	}

	@Override
	public void onAdded(BackendService service) {
		this.listeners.get().onAdded(service);
	}

	@Override
	public void onRemoved(BackendService service) {
		this.listeners.get().onRemoved(service);
	}

	@Override
	public void onMoved(BackendService service, ServiceConfig from) {
		this.listeners.get().onMoved(service, from);
	}

	@Override
	public void onConnected(BackendService service) {
		this.listeners.get().onConnected(service);
	}

	@Override
	public void onReady(BackendService service) {
		this.listeners.get().onReady(service);
	}

	@Override
	public void onDisconnected(BackendService service, @Nullable Throwable cause) {
		this.listeners.get().onDisconnected(service, cause);
	}

	@Override
	public void onSent(BackendService service, int bytes) {
		this.listeners.get().onSent(service, bytes);
	}

	@Override
	public void onReceived(BackendService service, int bytes) {
		this.listeners.get().onReceived(service, bytes);
	}

}
