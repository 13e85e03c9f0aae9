package dev.backend.tcp;

import dev.backend.execution.SerialExecutor;

/**
 * A message that is handled after all callbacks before it, and before all after it.
 *
 * @param <M> the type of the messages
 */
final class OrderedMessage<M> extends SerialExecutor.Task {

	private final TcpService<M> service;

	private final M message;

	OrderedMessage(TcpService<M> service, M message) {
		this.service = service;
		this.message = message;
	}

	@Override
	public void run() {
		this.service.onMessage(this.message);
	}

}
