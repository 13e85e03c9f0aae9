package dev.backend.autoconfigure.tcp;

import java.util.function.Supplier;

import dev.backend.tcp.CallbackScope;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * Calls a {@link TcpHandler} bean. It is looked up with the first call, so that a handler
 * may have the backend injected that calls it.
 *
 * @param <M> the type of the messages
 */
final class BeanHandler<M> implements TcpHandler<M> {

	private final Supplier<TcpHandler<M>> handler;

	BeanHandler(Supplier<TcpHandler<M>> handler) {
		this.handler = SingletonSupplier.of(handler);
	}

	@Override
	public void onConnected(TcpService<M> service) throws Exception {
		this.handler.get().onConnected(service);
	}

	@Override
	public void onMessage(TcpService<M> service, M message) throws Exception {
		this.handler.get().onMessage(service, message);
	}

	@Override
	public void onDisconnected(TcpService<M> service, @Nullable Throwable cause) throws Exception {
		this.handler.get().onDisconnected(service, cause);
	}

	@Override
	public void onTick(TcpService<M> service) throws Exception {
		this.handler.get().onTick(service);
	}

	@Override
	public CallbackScope scope(TcpService<M> service, @Nullable M message) {
		return this.handler.get().scope(service, message);
	}

	@Override
	public boolean marksReady() {
		return this.handler.get().marksReady();
	}

}
