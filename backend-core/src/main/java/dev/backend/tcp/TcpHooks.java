package dev.backend.tcp;

import dev.backend.BackendListener;
import org.jspecify.annotations.Nullable;

/**
 * Whom one backend calls. It outlives the runs of the backend.
 *
 * @param <M> the type of the messages
 */
final class TcpHooks<M> {

	private final TcpHandler<M> handler;

	private final BackendListener listener;

	private volatile @Nullable RequestObserver<M> requestObserver;

	TcpHooks(TcpHandler<M> handler, BackendListener listener) {
		this.handler = handler;
		this.listener = listener;
	}

	TcpHandler<M> handler() {
		return this.handler;
	}

	BackendListener listener() {
		return this.listener;
	}

	/** What is told of every request, or {@code null} if nothing is. */
	@Nullable RequestObserver<M> requestObserver() {
		return this.requestObserver;
	}

	synchronized void observeRequests(RequestObserver<M> observer) {
		RequestObserver<M> before = this.requestObserver;
		this.requestObserver = (before != null) ? new CompositeObserver<>(before, observer) : observer;
	}

}
