package dev.backend.autoconfigure.tcp;

import java.util.function.Supplier;

import dev.backend.logging.StandIn;
import dev.backend.tcp.CallbackScope;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Calls a {@link TcpHandler} bean. It is looked up with the first call, so that a handler
 * may have the backend injected that calls it.
 *
 * @param <M> the type of the messages
 */
final class BeanHandler<M> implements TcpHandler<M>, StandIn {

	private final Supplier<TcpHandler<M>> handler;

	BeanHandler(Supplier<TcpHandler<M>> handler) {
		this.handler = SingletonSupplier.of(handler);
	}

	@Override
	public void onConnected(TcpConnection<M> connection) throws Exception {
		this.handler.get().onConnected(connection);
	}

	@Override
	public void onMessage(TcpConnection<M> connection, M message) throws Exception {
		this.handler.get().onMessage(connection, message);
	}

	@Override
	public boolean onControl(TcpConnection<M> connection, M message) throws Exception {
		return this.handler.get().onControl(connection, message);
	}

	@Override
	public void onDisconnected(TcpConnection<M> connection, @Nullable Throwable cause) throws Exception {
		this.handler.get().onDisconnected(connection, cause);
	}

	@Override
	public void onTick(TcpService<M> service) throws Exception {
		this.handler.get().onTick(service);
	}

	@Override
	public CallbackScope scope(TcpService<M> service, @Nullable TcpConnection<M> connection, @Nullable M message) {
		return this.handler.get().scope(service, connection, message);
	}

	@Override
	public boolean marksReady() {
		return this.handler.get().marksReady();
	}

	@Override
	public boolean handlesControl() {
		return this.handler.get().handlesControl();
	}

	@Override
	public String nameOfFailed(Throwable failure) {
		try {
			return AopUtils.getTargetClass(this.handler.get()).getName();
		}
		catch (RuntimeException ex) {
			return "The TcpHandler bean";
		}
	}

}
