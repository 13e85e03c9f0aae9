package dev.backend.fleet;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.execution.SerialExecutor;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What listeners are told of one service: one call after another, in the order in which
 * they were queued. Any thread may queue one.
 */
public class ServiceCallbacks {

	private static final Logger logger = LoggerFactory.getLogger(ServiceCallbacks.class);

	private final BackendService service;

	private final BackendListener listener;

	private final SerialExecutor executor;

	private final CompletableFuture<Void> removed = new CompletableFuture<>();

	private Runnable told = () -> {
	};

	/**
	 * Creates the callbacks of a service.
	 * @param service the service
	 * @param listener the hooks
	 * @param executor runs one after another
	 */
	public ServiceCallbacks(BackendService service, BackendListener listener, SerialExecutor executor) {
		this.service = service;
		this.listener = listener;
		this.executor = executor;
	}

	/**
	 * Makes no call before something has completed: who is called must find this service,
	 * and who follows an id must not hear of its return before its end. Called before
	 * anything is queued.
	 */
	final void holdUntil(CompletableFuture<Void> end) {
		this.executor.hold();
		end.thenRun(this.executor::release);
	}

	/**
	 * Queues the first call.
	 * @param told run when the last one was made
	 */
	final void added(Runnable told) {
		this.told = told;
		this.executor.execute(() -> call(() -> this.listener.onAdded(this.service)));
	}

	/**
	 * Queues that this service is connected, or that its probe succeeds.
	 */
	public final void connected() {
		this.executor.execute(() -> call(() -> this.listener.onConnected(this.service)));
	}

	/**
	 * Queues that this service is on the rings.
	 */
	public void ready() {
		this.executor.execute(this::tellReady);
	}

	/**
	 * Tells that this service is on the rings. Called by what the executor runs.
	 */
	protected final void tellReady() {
		call(() -> this.listener.onReady(this.service));
	}

	/**
	 * Queues that this service is not connected any more, or that its probe fails.
	 * @param cause why, or {@code null} if it was closed on purpose
	 */
	public final void disconnected(@Nullable Throwable cause) {
		disconnectedBecause(() -> cause);
	}

	/**
	 * Queues that this service is not connected any more.
	 * @param cause returns why when its turn has come, or {@code null} if it was closed
	 * on purpose
	 */
	public final void disconnectedBecause(Supplier<@Nullable Throwable> cause) {
		this.executor.execute(() -> call(() -> this.listener.onDisconnected(this.service, cause.get())));
	}

	/**
	 * Queues that this service goes on elsewhere.
	 * @param from where it was
	 */
	public final void moved(ServiceConfig from) {
		this.executor.execute(() -> call(() -> this.listener.onMoved(this.service, from)));
	}

	/**
	 * Queues the last call, that this service is gone for good.
	 */
	public final void removed() {
		this.executor.execute(() -> {
			try {
				call(() -> this.listener.onRemoved(this.service));
			}
			finally {
				this.removed.complete(null);
				this.told.run();
			}
		});
	}

	/** Returns a future that completes when the last call was made. */
	final CompletableFuture<Void> whenRemoved() {
		return this.removed;
	}

	private void call(Runnable call) {
		try {
			call.run();
		}
		catch (Throwable ex) {
			listenerFailed(ex);
		}
	}

	/**
	 * Logs what a listener threw.
	 * @param ex what it threw
	 */
	protected final void listenerFailed(Throwable ex) {
		log().threw(logger, Level.WARN, ex, "Listener failed for {}", this.service.config().label());
	}

	/**
	 * Returns what bounds the lines that are logged of the service.
	 * @return the log
	 */
	public final ServiceLog log() {
		return this.executor.log();
	}

	/**
	 * Returns the hooks.
	 * @return the listener
	 */
	protected final BackendListener listener() {
		return this.listener;
	}

	/**
	 * Returns the service.
	 * @return the service
	 */
	public final BackendService service() {
		return this.service;
	}

}
