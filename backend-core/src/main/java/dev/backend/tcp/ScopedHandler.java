package dev.backend.tcp;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the application's handler for one service, each time in the scope that it opens
 * for that. What a callback throws is logged in its scope, where the ids of its trace
 * are; but for {@link #onConnected()}, which fails with it. What opening or closing the
 * scope throws is logged outside of it.
 *
 * @param <M> the type of the messages
 */
@SuppressWarnings("try")
final class ScopedHandler<M> implements ServiceHandler<M> {

	private static final Logger logger = LoggerFactory.getLogger(ScopedHandler.class);

	private final TcpHandler<M> handler;

	private final TcpService<M> service;

	ScopedHandler(TcpHandler<M> handler, TcpService<M> service) {
		this.handler = handler;
		this.service = service;
	}

	@Override
	public boolean onConnected() throws Throwable {
		try (CallbackScope scope = this.handler.scope(this.service, null)) {
			this.handler.onConnected(this.service);
			return !this.handler.marksReady();
		}
		catch (Throwable ex) {
			failed("onConnected", ex);
			throw ex;
		}
	}

	/** Not by {@link #call}, whose callback would be an object per message. */
	@Override
	public void onMessage(M message) {
		try (CallbackScope scope = this.handler.scope(this.service, message)) {
			try {
				this.handler.onMessage(this.service, message);
			}
			catch (Throwable ex) {
				failed("onMessage", ex);
			}
		}
		catch (Throwable ex) {
			failed("onMessage", ex);
		}
	}

	@Override
	public void onDisconnected(@Nullable Throwable cause) {
		call("onDisconnected", () -> this.handler.onDisconnected(this.service, cause));
	}

	@Override
	public void onTick() {
		call("onTick", () -> this.handler.onTick(this.service));
	}

	private void call(String method, Callback callback) {
		try (CallbackScope scope = this.handler.scope(this.service, null)) {
			try {
				callback.run();
			}
			catch (Throwable ex) {
				failed(method, ex);
			}
		}
		catch (Throwable ex) {
			failed(method, ex);
		}
	}

	private void failed(String method, Throwable ex) {
		this.service.counters().handlerErrors.increment();
		logger.error("{}.{} failed for {}", this.handler.getClass().getName(), method, this.service, ex);
	}

	@FunctionalInterface
	private interface Callback {

		void run() throws Exception;

	}

}
