package dev.backend.tcp;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import reactor.core.scheduler.NonBlocking;

/**
 * A future whose blocking methods fail on an event loop, with a sentence, instead of
 * waiting for what only that event loop could bring. Dependent stages inherit this.
 *
 * @param <T> the type of the value
 */
class ReplyFuture<T> extends CompletableFuture<T> {

	@Override
	public <U> CompletableFuture<U> newIncompleteFuture() {
		return new ReplyFuture<>();
	}

	@Override
	public T join() {
		requireBlockingAllowed();
		return super.join();
	}

	@Override
	public T get() throws InterruptedException, ExecutionException {
		requireBlockingAllowed();
		return super.get();
	}

	@Override
	public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
		requireBlockingAllowed();
		return super.get(timeout, unit);
	}

	private void requireBlockingAllowed() {
		if (!isDone() && Thread.currentThread() instanceof NonBlocking) {
			throw new IllegalStateException(
					"Waiting for a reply on the event loop %s would stop it, and the reply with it;"
						.formatted(Thread.currentThread().getName())
							+ " use thenCompose or whenComplete, or move to a thread of your own by the …Async methods");
		}
	}

}
