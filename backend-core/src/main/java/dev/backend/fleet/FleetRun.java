package dev.backend.fleet;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

import dev.backend.discovery.ServiceDiscovery;
import dev.backend.execution.DaemonThreads;
import dev.backend.execution.HandlerExecutor;
import dev.backend.execution.HandlerShare;
import dev.backend.logging.PlainText;
import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a backend, from its start to its stop, with all that lives as long: the
 * fleet, the subscription to discovery, the control thread, and its part in the default
 * handlers and the event loops. Nothing of it is used by another run but
 * {@link SharedThreads}, so that what a handler or a peer still does after the stop meets
 * nothing that is new.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
final class FleetRun<S extends FleetService, G extends ServiceGroup<S>> {

	private static final Logger logger = LoggerFactory.getLogger(FleetRun.class);

	private static final Duration STOP_MARGIN = Duration.ofSeconds(2);

	private static final Duration SWEEP_INTERVAL = Duration.ofSeconds(10);

	private static final int MAXIMUM_NAMED = 10;

	private static final int NAMING_MILLIS = 200;

	private final FleetOptions options;

	private final long earlierHolds;

	private final DaemonThreads controlThreads = new DaemonThreads();

	private final ScheduledThreadPoolExecutor control;

	private final SharedThreads threads;

	/** What runs the handlers, unless the user's executor does. */
	private final @Nullable HandlerShare handlerShare;

	private final HandlerExecutor handlers;

	private final ProtocolRun<S, G> runtime;

	private final Fleet<S, G> fleet;

	private final AtomicReference<ServiceDiscovery.@Nullable Subscription> subscription = new AtomicReference<>();

	private final AtomicBoolean stopping = new AtomicBoolean();

	private final CompletableFuture<Void> stopped = new CompletableFuture<>();

	/** What was handed out and has not ended yet. */
	private final Set<CompletableFuture<Void>> promises = ConcurrentHashMap.newKeySet();

	/**
	 * Creates the parts of a run, not started.
	 * @param options what the user wants
	 * @param factory makes what the protocol brings
	 * @param earlierHolds how many holds began in the runs before
	 */
	FleetRun(FleetOptions options, ProtocolRunFactory<S, G> factory, long earlierHolds) {
		this.options = options;
		this.earlierHolds = earlierHolds;
		LossProtection lossProtection = new LossProtection(options.name(), options.confirmationDelay(),
				options.discovery().confirmationDelay());
		this.control = new ScheduledThreadPoolExecutor(1, this.controlThreads.numbered(options.name() + "-control"),
				(task, executor) -> afterEnd(task));
		this.control.setRemoveOnCancelPolicy(true);
		this.threads = options.threads().get();
		Executor handlers = options.handlerExecutor();
		if (handlers != null) {
			this.handlerShare = null;
		}
		else {
			this.handlerShare = this.threads.handlers().acquire();
			handlers = this.handlerShare;
		}
		this.handlers = new HandlerExecutor(handlers, this.control);
		this.runtime = createRuntime(factory);
		this.fleet = new Fleet<>(options.name(), this.runtime, options.filter(), lossProtection, options.infoFactory(),
				new Owner(), new ScheduledControlThread(this.control), options.failureLog());
	}

	private ProtocolRun<S, G> createRuntime(ProtocolRunFactory<S, G> factory) {
		int handlerThreads = (this.handlerShare != null) ? this.threads.handlerThreads() : 0;
		try {
			return factory.create(this.threads.loops(), this.handlers, handlerThreads, this::availabilityChanged);
		}
		catch (Throwable ex) {
			if (this.handlerShare != null) {
				this.handlerShare.release();
			}
			throw ex;
		}
	}

	/** What the last tasks bring behind themselves belongs to them; all else is over. */
	private void afterEnd(Runnable task) {
		if (this.controlThreads.includeCurrent()) {
			task.run();
		}
	}

	private void availabilityChanged(S service) {
		this.fleet.availabilityChanged(service);
	}

	Fleet<S, G> fleet() {
		return this.fleet;
	}

	/** Of this run and those before. */
	long holdsStarted() {
		return this.earlierHolds + this.fleet.holdsStarted();
	}

	/** Starts to watch discovery, and to tick. Does not wait for either. */
	void start() {
		this.subscription.set(this.options.discovery().subscribe(this.fleet::apply));
		if (this.stopping.get()) {
			// Meanwhile, by a thread that may not have seen the subscription.
			closeSubscription();
			return;
		}
		long interval = this.runtime.tickInterval().toNanos();
		if (interval > 0) {
			this.control.scheduleWithFixedDelay(() -> this.fleet.forEach(FleetService::tick), interval, interval,
					TimeUnit.NANOSECONDS);
		}
		this.control.scheduleWithFixedDelay(this::sweep, SWEEP_INTERVAL.toNanos(), SWEEP_INTERVAL.toNanos(),
				TimeUnit.NANOSECONDS);
	}

	/** What is kept for each service name must not grow with the names that are gone. */
	private void sweep() {
		try {
			this.options.failureLog().sweep();
			this.runtime.retain(this.fleet.groups().keySet());
		}
		catch (Throwable ex) {
			// What is thrown would end all further sweeps.
			logger.error("{}: a sweep failed", this.options.name(), ex);
		}
	}

	/**
	 * Waits without a limit of the waiting itself: a thread in that state is what Spring
	 * interrupts when it is to close an application that is still starting.
	 */
	boolean awaitReady(Duration timeout) throws InterruptedException {
		if (this.stopping.get()) {
			return false;
		}
		CompletableFuture<Boolean> usable = this.fleet.whenSettled(timeout);
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

	CompletableFuture<Void> drained(String name, String id, boolean drained) {
		return promise(this.fleet.drained(name, id, drained));
	}

	CompletableFuture<Void> suspended(String name, String id, boolean suspended) {
		return promise(this.fleet.suspended(name, id, suspended));
	}

	/** It ends, at the latest when the control thread has: see {@link #breakPromises}. */
	private CompletableFuture<Void> promise(CompletableFuture<Void> done) {
		this.promises.add(done);
		done.whenComplete((nothing, failure) -> this.promises.remove(done));
		if (this.control.isShutdown()) {
			// Perhaps after the others were broken.
			breakPromise(done);
		}
		return done;
	}

	/** What the control thread did not get to, or has failed at, is failed. */
	private void breakPromises() {
		List.copyOf(this.promises).forEach(this::breakPromise);
	}

	private void breakPromise(CompletableFuture<Void> done) {
		done.completeExceptionally(
				new IllegalStateException("%s is stopped (expected: started)".formatted(this.options.name())));
	}

	boolean ownsCurrentThread() {
		return (this.handlerShare != null && this.threads.handlers().includeCurrent())
				|| this.controlThreads.includeCurrent() || this.runtime.ownsCurrentThread();
	}

	/**
	 * Ends the run. Blocks until that is done, except on a thread of this run, also one
	 * that it shares, where waiting might be waiting for this very thread.
	 */
	void stop() {
		this.stopping.set(true);
		if (ownsCurrentThread()) {
			Thread stopping = new Thread(this::stopAll, this.options.name() + "-close");
			stopping.setDaemon(false);
			stopping.start();
		}
		else {
			stopAll();
		}
	}

	/** Completes when all has ended that belongs to this run. */
	CompletableFuture<Void> stopped() {
		return this.stopped;
	}

	private void stopAll() {
		try {
			closeSubscription();
			boolean drained = closeConnections();
			closeRuntime(!drained);
			long deadline = System.nanoTime() + STOP_MARGIN.toNanos();
			awaitCallbacks(deadline);
			endControl();
			closeHandlers(deadline);
			this.options.failureLog().end();
		}
		finally {
			breakPromises();
			this.stopped.complete(null);
		}
	}

	/** Once, whoever of {@link #start()} and {@link #stop()} comes first. */
	private void closeSubscription() {
		ServiceDiscovery.Subscription subscription = this.subscription.getAndSet(null);
		if (subscription == null) {
			return;
		}
		try {
			subscription.close();
		}
		catch (Throwable ex) {
			logger.warn("{}: the subscription to discovery could not be closed", this.options.name(), ex);
		}
	}

	/** Returns whether all are closed. */
	private boolean closeConnections() {
		Duration limit = this.runtime.drainTimeout().plus(STOP_MARGIN);
		try {
			this.fleet.drain().get(limit.toNanos(), TimeUnit.NANOSECONDS);
			return true;
		}
		catch (TimeoutException ex) {
			logger.warn("{}: not all connections were closed within {}: {}", this.options.name(),
					DurationText.of(limit), open());
		}
		catch (ExecutionException ex) {
			logger.warn("{}: closing failed", this.options.name(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		// Event loops that others have, too, close nothing by themselves.
		this.fleet.forEach(FleetService::close);
		return false;
	}

	/** Which connections those are, if the control thread is not what hangs. */
	private String open() {
		return this.fleet.open()
			.thenApply(FleetRun::names)
			.completeOnTimeout("its control thread is busy", NAMING_MILLIS, TimeUnit.MILLISECONDS)
			.join();
	}

	private static String names(List<? extends FleetService> services) {
		String names = services.stream()
			.limit(MAXIMUM_NAMED)
			.map((service) -> PlainText.of(service + " " + service.state()))
			.collect(Collectors.joining(", "));
		int more = services.size() - MAXIMUM_NAMED;
		return names + ((more > 0) ? " and " + more + " more" : "");
	}

	private void closeRuntime(boolean channelsOpen) {
		try {
			this.runtime.close(channelsOpen, STOP_MARGIN);
		}
		catch (Throwable ex) {
			// As a rule the wait was cut short, by an interrupt or a busy event loop.
			logger.warn("{}: event loops did not end within {}: {}", this.options.name(), DurationText.of(STOP_MARGIN),
					ex.toString());
		}
	}

	/**
	 * Waits until listeners have heard of the end of every service, whoever runs that.
	 */
	private void awaitCallbacks(long deadline) {
		try {
			this.fleet.whenAllTold().get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			logger.warn("{}: not all callbacks have returned within {}", this.options.name(),
					DurationText.of(STOP_MARGIN));
		}
		catch (ExecutionException ex) {
			logger.warn("{}: stopping failed", this.options.name(), ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** Waits for the last publication: whoever has stopped the backend finds it empty. */
	private void endControl() {
		this.handlers.close();
		this.control.shutdown();
		try {
			if (!this.control.awaitTermination(STOP_MARGIN.toNanos(), TimeUnit.NANOSECONDS)) {
				logger.warn("{}: its control thread is still busy", this.options.name());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void closeHandlers(long deadline) {
		HandlerShare handlers = this.handlerShare;
		if (handlers == null) {
			return;
		}
		handlers.shutdown();
		try {
			if (!handlers.awaitEnd(deadline - System.nanoTime())) {
				boolean running = handlers.shutdownNow() > 0;
				logger.warn("{}: {}", this.options.name(), running ? "a handler is still running; it is interrupted"
						: "others keep all handler threads; the callbacks that wait for one are dropped");
			}
			else if (handlers.release()) {
				handlers.awaitThreads(deadline - System.nanoTime());
			}
		}
		catch (InterruptedException ex) {
			handlers.shutdownNow();
			Thread.currentThread().interrupt();
		}
		finally {
			handlers.release();
		}
	}

	/** What the services ask. */
	private final class Owner implements FleetOwner {

		@Override
		public String backend() {
			return FleetRun.this.options.name();
		}

		@Override
		public CompletableFuture<Void> suspended(String name, String id, boolean suspended) {
			return FleetRun.this.suspended(name, id, suspended);
		}

		@Override
		public @Nullable String ended() {
			return FleetRun.this.stopping.get() ? FleetRun.this.options.name() + " is stopped" : null;
		}

	}

}
