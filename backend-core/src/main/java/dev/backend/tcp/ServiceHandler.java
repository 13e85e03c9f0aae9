package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * The application's handler for one service. But for {@link #onConnected()}, no method
 * throws: what the application throws is counted and logged.
 *
 * @param <M> the type of the messages
 */
interface ServiceHandler<M> {

	/**
	 * Sets a connection up.
	 * @return whether it is ready by that
	 * @throws Throwable if it cannot be used; counted and logged by then
	 */
	boolean onConnected() throws Throwable;

	void onMessage(M message);

	void onDisconnected(@Nullable Throwable cause);

	void onTick();

}
