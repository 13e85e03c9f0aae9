package dev.backend.tcp;

import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * Whom the life of a service tells: the application's handler, and the fleet. But for
 * {@link Connection#onConnected()}, no method throws: what the application throws is
 * counted and logged.
 *
 * @param <M> the type of the messages
 */
interface ServiceHandler<M> {

	/**
	 * Makes the handler of a connection that has come up. Called on the event loop; calls
	 * nothing of the application.
	 */
	Connection<M> connected(Link<M> link);

	/** Whether control messages are to be told from others. */
	boolean handlesControl();

	void onTick();

	/** The service can be chosen, or not any more. Called on the event loop. */
	void availabilityChanged();

	/** Where discovery says that the instance is, if that is elsewhere. */
	@Nullable ServiceConfig destination();

	/**
	 * From now on the instance is reached at its destination.
	 * @return where it was, or {@code null} if there is no destination any more
	 */
	@Nullable ServiceConfig arrive();

	/**
	 * The application's handler for one connection.
	 *
	 * @param <M> the type of the messages
	 */
	interface Connection<M> {

		/** The connection's inner side. */
		Link<M> link();

		/**
		 * Sets the connection up.
		 * @return whether it is ready by that
		 * @throws Throwable if it cannot be used; counted and logged by then
		 */
		boolean onConnected() throws Throwable;

		/**
		 * Handles a control message, on the event loop.
		 * @return whether it was one
		 */
		boolean onControl(M message);

		void onMessage(M message);

		void onDisconnected(@Nullable Throwable cause);

		/** No callback of this connection follows. */
		void released();

	}

}
