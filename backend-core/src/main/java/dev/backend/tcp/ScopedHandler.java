package dev.backend.tcp;

import java.util.function.Consumer;

import dev.backend.ServiceConfig;
import dev.backend.logging.StandIn;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Calls the application's handler for one service, each time in the scope that it opens
 * for that. What a callback throws is logged in its scope, where the ids of its trace
 * are; but for {@code onConnected}, which fails with it. What opening or closing the
 * scope throws is logged outside of it.
 *
 * @param <M> the type of the messages
 */
@SuppressWarnings("try")
final class ScopedHandler<M> implements ServiceHandler<M> {

	private static final Logger logger = LoggerFactory.getLogger(ScopedHandler.class);

	private final TcpHandler<M> handler;

	private final TcpService<M> service;

	private final Consumer<TcpService<M>> availabilityChanged;

	ScopedHandler(TcpHandler<M> handler, TcpService<M> service, Consumer<TcpService<M>> availabilityChanged) {
		this.handler = handler;
		this.service = service;
		this.availabilityChanged = availabilityChanged;
	}

	@Override
	public ServiceHandler.Connection<M> connected(Link<M> link) {
		return new ScopedConnection(this.service.connected(link));
	}

	@Override
	public boolean handlesControl() {
		try {
			return this.handler.handlesControl();
		}
		catch (Throwable ex) {
			failed("handlesControl", ex);
			return false;
		}
	}

	@Override
	public void onTick() {
		call("onTick", null, () -> this.handler.onTick(this.service));
	}

	@Override
	public void availabilityChanged() {
		this.availabilityChanged.accept(this.service);
	}

	@Override
	public @Nullable ServiceConfig destination() {
		return this.service.movesTo();
	}

	@Override
	public @Nullable ServiceConfig arrive() {
		return this.service.moved();
	}

	private void call(String method, @Nullable TcpConnection<M> connection, Callback callback) {
		try (CallbackScope scope = this.handler.scope(this.service, connection, null)) {
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
		this.service.log()
			.threw(logger, Level.ERROR, ex, "{}.{} failed for {}", StandIn.nameOf(this.handler, ex), method,
					this.service);
	}

	@FunctionalInterface
	private interface Callback {

		void run() throws Exception;

	}

	private final class ScopedConnection implements ServiceHandler.Connection<M> {

		private final TcpConnection<M> connection;

		ScopedConnection(TcpConnection<M> connection) {
			this.connection = connection;
		}

		@Override
		public Link<M> link() {
			return this.connection.link();
		}

		@Override
		public boolean onConnected() throws Throwable {
			TcpHandler<M> handler = ScopedHandler.this.handler;
			try (CallbackScope scope = handler.scope(this.connection.service(), this.connection, null)) {
				handler.onConnected(this.connection);
				return !handler.marksReady();
			}
			catch (Throwable ex) {
				if (ConnectionCallbacks.isLoss(ex) && !link().isActive()) {
					// That the connection has ended, and why, is logged anyway.
					ScopedHandler.this.service.counters().handlerErrors.increment();
					logger.debug("The login at {} failed", ScopedHandler.this.service, ex);
				}
				else {
					failed("onConnected", ex);
				}
				throw ex;
			}
		}

		/** Without a scope: what it is for takes no more than a look at the message. */
		@Override
		public boolean onControl(M message) {
			try {
				return ScopedHandler.this.handler.onControl(this.connection, message);
			}
			catch (Throwable ex) {
				failed("onControl", ex);
				return false;
			}
		}

		/** Not by {@link #call}, whose callback would be an object per message. */
		@Override
		public void onMessage(M message) {
			TcpHandler<M> handler = ScopedHandler.this.handler;
			try (CallbackScope scope = handler.scope(this.connection.service(), this.connection, message)) {
				try {
					handler.onMessage(this.connection, message);
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
			call("onDisconnected", this.connection,
					() -> ScopedHandler.this.handler.onDisconnected(this.connection, cause));
		}

		@Override
		public void released() {
			this.connection.service().disconnected(this.connection);
		}

	}

}
