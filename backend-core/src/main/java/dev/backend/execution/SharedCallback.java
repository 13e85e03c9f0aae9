package dev.backend.execution;

/**
 * A callback without a message that runs beside messages.
 */
final class SharedCallback extends SharedTask {

	private final Runnable callback;

	SharedCallback(Dispatcher dispatcher, Runnable callback) {
		super(dispatcher, null);
		this.callback = callback;
	}

	@Override
	protected void call() {
		this.callback.run();
	}

	@Override
	protected void keyFailed(Throwable ex) {
		throw new IllegalStateException("there is no key", ex);
	}

}
