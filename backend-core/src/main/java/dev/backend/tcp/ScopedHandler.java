package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * Calls the application's handler, each time in the scope that it opens for that. What a
 * callback throws is logged in its scope, where the ids of its trace are; but for
 * {@link #onConnected}, which fails with it. What opening or closing the scope throws is
 * thrown.
 *
 * @param <M> the type of the messages
 */
@SuppressWarnings("try")
final class ScopedHandler<M> implements TcpHandler<M> {

	private final TcpHandler<M> handler;

	ScopedHandler(TcpHandler<M> handler) {
		this.handler = handler;
	}

	/** The application's class, for people. */
	String name() {
		return this.handler.getClass().getName();
	}

	@Override
	public void onConnected(TcpService<M> service) throws Exception {
		try (CallbackScope scope = this.handler.scope(service, null)) {
			this.handler.onConnected(service);
		}
	}

	@Override
	public void onMessage(TcpService<M> service, M message) throws Exception {
		try (CallbackScope scope = this.handler.scope(service, message)) {
			try {
				this.handler.onMessage(service, message);
			}
			catch (Throwable ex) {
				service.onHandlerError("onMessage", ex);
			}
		}
	}

	@Override
	public void onDisconnected(TcpService<M> service, @Nullable Throwable cause) throws Exception {
		try (CallbackScope scope = this.handler.scope(service, null)) {
			try {
				this.handler.onDisconnected(service, cause);
			}
			catch (Throwable ex) {
				service.onHandlerError("onDisconnected", ex);
			}
		}
	}

	@Override
	public void onTick(TcpService<M> service) throws Exception {
		try (CallbackScope scope = this.handler.scope(service, null)) {
			try {
				this.handler.onTick(service);
			}
			catch (Throwable ex) {
				service.onHandlerError("onTick", ex);
			}
		}
	}

	@Override
	public boolean marksReady() {
		return this.handler.marksReady();
	}

}
