package dev.backend.tcp;

/**
 * A tick that runs beside messages. The service sees to it that there is one at a time.
 */
final class SharedTick extends SharedTask {

	private final TcpService<?> service;

	SharedTick(TcpService<?> service, Dispatcher dispatcher) {
		super(dispatcher, null);
		this.service = service;
	}

	@Override
	void call() {
		this.service.onTick();
	}

	@Override
	void keyFailed(Throwable ex) {
		throw new IllegalStateException("a tick has no key", ex);
	}

}
