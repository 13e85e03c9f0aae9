package dev.backend.fleet;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.execution.DaemonThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts and stops the parts of a backend, and owns its threads but for the event loops:
 * one that changes the fleet, and those that run callbacks.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
public abstract class FleetLifecycle<S extends FleetService, G extends ServiceGroup<S>> implements FleetProtocol<S, G> {

	private static final Logger logger = LoggerFactory.getLogger(FleetLifecycle.class);

	private static final Duration CLOSE_MARGIN = Duration.ofSeconds(2);

	private enum Phase {

		NEW, STARTED, CLOSED

	}

	private final String name;

	private final ServiceDiscovery discovery;

	private final ScheduledThreadPoolExecutor control;

	private final Executor handlerExecutor;

	private final @Nullable ExecutorService ownHandlerExecutor;

	private final FleetTransport transport;

	private final Fleet<S, G> fleet;

	private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.NEW);

	private final AtomicReference<ServiceDiscovery.@Nullable Subscription> subscription = new AtomicReference<>();

	private final DaemonThreads threads = new DaemonThreads();

	/**
	 * Creates the parts, not started. Groups and services are made only after the start.
	 * @param builder what the user wants
	 * @param transport the event loops; closed with the backend
	 * @param listener the hooks
	 */
	protected FleetLifecycle(FleetBuilder<?> builder, FleetTransport transport, BackendListener listener) {
		this.name = builder.name();
		this.discovery = builder.discovery();
		this.control = new ScheduledThreadPoolExecutor(1, this.threads.numbered(this.name + "-control"),
				new ThreadPoolExecutor.DiscardPolicy());
		this.control.setRemoveOnCancelPolicy(true);
		Executor given = builder.handlerExecutor();
		this.ownHandlerExecutor = (given == null) ? newHandlerExecutor(builder.handlerThreads()) : null;
		this.handlerExecutor = (this.ownHandlerExecutor != null) ? this.ownHandlerExecutor : given(given);
		this.transport = transport;
		this.fleet = new Fleet<>(this.name, this, builder.filter(), builder.confirmationDelay(), builder.infoFactory(),
				listener, this.control);
	}

	private static Executor given(@Nullable Executor executor) {
		if (executor == null) {
			throw new IllegalStateException("no handler executor");
		}
		return executor;
	}

	private ExecutorService newHandlerExecutor(int threads) {
		ThreadPoolExecutor executor = new ThreadPoolExecutor(threads, threads, 30, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), this.threads.numbered(this.name + "-handler"));
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	/**
	 * Returns how long pending requests may take when the backend is closed.
	 * @return the present time-out
	 */
	protected abstract Duration drainTimeout();

	/**
	 * Returns what runs the callbacks.
	 * @return the user's executor or the backend's own
	 */
	protected final Executor handlerExecutor() {
		return this.handlerExecutor;
	}

	/**
	 * Returns the groups and services.
	 * @return the fleet
	 */
	protected final Fleet<S, G> fleet() {
		return this.fleet;
	}

	final DiscoveryStatus discoveryStatus() {
		return this.discovery.status();
	}

	final DiscoveryReads discoveryReads() {
		return this.discovery.reads();
	}

	/**
	 * Does something with every service at regular times, on the control thread.
	 * @param interval the time between two rounds; zero for never
	 * @param action the action; must not block
	 */
	protected final void every(Duration interval, Consumer<S> action) {
		if (!interval.isZero()) {
			this.control.scheduleWithFixedDelay(() -> this.fleet.forEach(action), interval.toNanos(),
					interval.toNanos(), TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * Starts to watch discovery. Does not wait for it.
	 * @throws IllegalStateException if this was started before
	 */
	protected void start() {
		if (!this.phase.compareAndSet(Phase.NEW, Phase.STARTED)) {
			throw new IllegalStateException(
					"%s: start() when %s (expected: NEW)".formatted(this.name, this.phase.get()));
		}
		this.subscription.set(this.discovery.subscribe(this.fleet::apply));
		if (this.phase.get() == Phase.CLOSED) {
			// Closed meanwhile, by a thread that may not have seen the subscription.
			closeSubscription();
		}
	}

	final boolean running() {
		return this.phase.get() == Phase.STARTED;
	}

	/**
	 * Waits without a limit of the waiting itself: a thread in that state is what Spring
	 * interrupts when it is to close an application that is still starting.
	 */
	final boolean awaitReady(Duration timeout) throws InterruptedException {
		CompletableFuture<Boolean> usable = this.fleet.whenAllUsable(timeout);
		try {
			return usable.get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
		finally {
			// Ends its timer, if the wait was interrupted.
			usable.complete(false);
		}
	}

	final void close() {
		if (this.phase.getAndSet(Phase.CLOSED) == Phase.CLOSED) {
			return;
		}
		if (ownsCurrentThread()) {
			// Waiting here would be waiting for this very thread.
			Thread closing = new Thread(this::closeAll, this.name + "-close");
			closing.setDaemon(false);
			closing.start();
		}
		else {
			closeAll();
		}
	}

	final boolean ownsCurrentThread() {
		return this.threads.includeCurrent() || this.transport.ownsCurrentThread();
	}

	private void closeAll() {
		closeSubscription();
		boolean drained = closeConnections();
		closeTransport(!drained);
		this.control.shutdown();
		closeHandlers();
	}

	/** Once, whoever of {@link #start()} and {@link #close()} comes first. */
	private void closeSubscription() {
		ServiceDiscovery.Subscription subscription = this.subscription.getAndSet(null);
		if (subscription == null) {
			return;
		}
		try {
			subscription.close();
		}
		catch (Throwable ex) {
			logger.warn("{}: the subscription to discovery could not be closed", this.name, ex);
		}
	}

	/** Returns whether all are closed. */
	private boolean closeConnections() {
		Duration limit = drainTimeout().plus(CLOSE_MARGIN);
		try {
			this.fleet.drain().get(limit.toNanos(), TimeUnit.NANOSECONDS);
			return true;
		}
		catch (TimeoutException ex) {
			logger.warn("{}: not all connections were closed within {}", this.name, limit);
		}
		catch (ExecutionException ex) {
			logger.warn("{}: closing failed", this.name, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return false;
	}

	private void closeTransport(boolean channelsOpen) {
		try {
			this.transport.close(channelsOpen, CLOSE_MARGIN);
		}
		catch (RuntimeException ex) {
			// The wait was cut short, by an interrupt or a busy event loop.
			logger.warn("{}: event loops did not end within {}: {}", this.name, CLOSE_MARGIN, ex.toString());
		}
	}

	private void closeHandlers() {
		if (this.ownHandlerExecutor == null) {
			return;
		}
		this.ownHandlerExecutor.shutdown();
		try {
			if (!this.ownHandlerExecutor.awaitTermination(CLOSE_MARGIN.toNanos(), TimeUnit.NANOSECONDS)) {
				logger.warn("{}: a handler is still running; it is interrupted", this.name);
				this.ownHandlerExecutor.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			this.ownHandlerExecutor.shutdownNow();
			Thread.currentThread().interrupt();
		}
	}

}
