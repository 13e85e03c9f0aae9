package dev.backend;

import org.jspecify.annotations.Nullable;

/**
 * The hooks of a backend. All methods do nothing by default.
 *
 * <p>
 * Except for the two traffic methods, calls come from the backend's handler executor,
 * never from an I/O thread, one after another per service and strictly in pairs: added
 * before anything else and removed after it; each connected is followed by one
 * disconnected; ready only in between, moved never. What a hook throws is logged and goes
 * no further.
 */
public interface BackendListener {

	/**
	 * Called when an instance appeared in discovery.
	 * @param service the instance
	 */
	default void onAdded(BackendService service) {
	}

	/**
	 * Called when an instance is gone for good.
	 * @param service the instance
	 */
	default void onRemoved(BackendService service) {
	}

	/**
	 * Called when an instance that has changed its address or port under its id is
	 * reached there from now on. It is the same service, with the same info object, and
	 * {@link BackendService#config()} says where it is. If it was connected, it was
	 * disconnected before, and is connected after this.
	 * @param service the instance
	 * @param from what its configuration was before
	 */
	default void onMoved(BackendService service, ServiceConfig from) {
	}

	/**
	 * Called when the connection is up, or the probe succeeds again.
	 * @param service the instance
	 */
	default void onConnected(BackendService service) {
	}

	/**
	 * Called when the instance became usable: it is on the rings.
	 * @param service the instance
	 */
	default void onReady(BackendService service) {
	}

	/**
	 * Called when the connection is lost or closed, or the probe fails.
	 * @param service the instance
	 * @param cause why: what failed, or the reason that the application gave when it
	 * closed the connection; {@code null} if the instance has left, moves, is suspended,
	 * or the backend stops
	 */
	default void onDisconnected(BackendService service, @Nullable Throwable cause) {
	}

	/**
	 * Called when bytes were handed to the transport, on the connection's event loop:
	 * must not block.
	 * @param service the instance
	 * @param bytes the number of bytes, of one or more messages
	 */
	default void onSent(BackendService service, int bytes) {
	}

	/**
	 * Called when bytes arrived, on the connection's event loop: must not block.
	 * @param service the instance
	 * @param bytes the number of bytes, of parts of one or more messages
	 */
	default void onReceived(BackendService service, int bytes) {
	}

}
