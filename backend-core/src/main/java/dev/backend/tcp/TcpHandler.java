package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * What an application does with its connections. All methods do nothing by default.
 *
 * <p>
 * A callback is given the connection to which it belongs, and sends by that: it is
 * refused once that is gone, whatever connection the service has by then. A service is
 * connected anew when the callbacks of its last connection have returned, so that no two
 * connections of a service are with their callbacks at the same time.
 *
 * <p>
 * Methods run on the backend's handler executor, never on an event loop. By default they
 * run one after another per service, messages in the order of their arrival;
 * {@link DispatchMode} says what may run at the same time otherwise. They may block, also
 * on a request to the same service: replies do not wait behind them, nor behind the
 * messages that wait for them, up to the bound of what is
 * {@linkplain TcpLimits#readAheadBytes() read ahead}. {@link #onControl} is apart: it
 * runs on the event loop, beside the others. What a method throws is logged with the
 * service's name and counted, and the next one runs.
 *
 * @param <M> the type of the messages
 */
public interface TcpHandler<M> {

	/**
	 * Called when a connection is up, before any of its messages; the place for a
	 * handshake or login. When it returns, the service is {@link TcpState#READY ready},
	 * unless {@link #marksReady()}. What it throws closes the connection; the next
	 * attempt follows after a back-off. Not called, as none of the others, for a
	 * connection that has ended before its turn came.
	 * @param connection the connection
	 * @throws Exception if the connection cannot be used
	 */
	default void onConnected(TcpConnection<M> connection) throws Exception {
	}

	/**
	 * Called for every message that is not the reply to a pending request, including
	 * replies that come too late. Messages that arrived before the end of their
	 * connection are handled, too; what they send is refused then.
	 * @param connection the connection by which it came
	 * @param message the message
	 * @throws Exception logged and counted
	 */
	default void onMessage(TcpConnection<M> connection, M message) throws Exception {
	}

	/**
	 * Called for every message that {@link #onMessage} would be called for, before it
	 * waits for its turn: the place to answer a ping that wants its pong in time, however
	 * busy the other callbacks are, or to take note that the server is going. Only called
	 * if {@link #handlesControl()}.
	 * <p>
	 * Runs on the event loop, on which it must not block, beside whatever callback runs
	 * at that moment, and perhaps before {@link #onConnected} has begun. It may send by
	 * the connection, and close it. It must not touch the info object of the service.
	 * There is no {@link #scope} around it.
	 * @param connection the connection by which the message came
	 * @param message the message
	 * @return whether the message was one of control, and {@link #onMessage} is not to be
	 * called; by default {@code false}
	 * @throws Exception logged and counted; {@link #onMessage} is called then
	 */
	default boolean onControl(TcpConnection<M> connection, M message) throws Exception {
		return false;
	}

	/**
	 * Called when a connection is gone, after the last of its messages. Its pending
	 * requests have failed by then, and nothing can be sent by it.
	 * @param connection the connection
	 * @param cause why: what failed, or the reason that {@link TcpConnection#close} or
	 * {@link TcpService#reconnect} was given; {@code null} if the service has left,
	 * moves, is suspended, or the backend stops
	 * @throws Exception logged and counted
	 */
	default void onDisconnected(TcpConnection<M> connection, @Nullable Throwable cause) throws Exception {
	}

	/**
	 * Called every tick interval, by default every second, also while not connected.
	 * Ticks that could not run in time are skipped, not made up for: there is never more
	 * than one of a service, waiting or running.
	 * @param service the service
	 * @throws Exception logged and counted
	 */
	default void onTick(TcpService<M> service) throws Exception {
	}

	/**
	 * Opens what surrounds one callback: the trace that a message carries, entries of the
	 * logging context. Called before each callback on its thread; the scope is closed
	 * after it. If this or the scope's {@link CallbackScope#close()} throws, the callback
	 * fails with that; in the case of {@link #onConnected}, this closes the connection.
	 * Hooks ({@link dev.backend.BackendListener}) have no scope.
	 * @param service the service
	 * @param connection the connection to which the callback belongs, or {@code null} for
	 * {@link #onTick}
	 * @param message the message that {@link #onMessage} is about to be called with, or
	 * {@code null} for the other callbacks
	 * @return the scope, by default {@link CallbackScope#none()}
	 */
	default CallbackScope scope(TcpService<M> service, @Nullable TcpConnection<M> connection, @Nullable M message) {
		return CallbackScope.none();
	}

	/**
	 * Returns whether this handler calls {@link TcpConnection#markReady()} itself, for
	 * example when the reply to its login arrived. If that takes longer than the ready
	 * time-out, which runs from the begin of {@link #onConnected}, the connection is
	 * closed and made again.
	 * @return by default {@code false}: ready when {@link #onConnected} has returned
	 */
	default boolean marksReady() {
		return false;
	}

	/**
	 * Returns whether {@link #onControl} is to be called. A connection is read on for its
	 * sake, too, when other messages wait for this handler and it is behind. Asked when a
	 * connection comes up, on its event loop.
	 * @return by default {@code false}
	 */
	default boolean handlesControl() {
		return false;
	}

}
