package dev.backend.tcp;

import dev.backend.execution.Dispatcher;
import dev.backend.execution.SharedTask;
import org.jspecify.annotations.Nullable;

/**
 * A message that is handled beside others, after those with an equal key.
 *
 * @param <M> the type of the messages
 */
final class SharedMessage<M> extends SharedTask {

	private final TcpService<M> service;

	private final M message;

	SharedMessage(TcpService<M> service, Dispatcher dispatcher, M message, @Nullable Object key) {
		super(dispatcher, key);
		this.service = service;
		this.message = message;
	}

	@Override
	protected void call() {
		this.service.onMessage(this.message);
	}

	@Override
	protected void keyFailed(Throwable ex) {
		this.service.onKeyError(ex);
	}

}
