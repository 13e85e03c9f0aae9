package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.Availability;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.fleet.CompositeListener;
import dev.backend.fleet.Fleet;
import dev.backend.fleet.FleetProtocol;
import dev.backend.routing.ConsistentHash;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds, starts and stops the parts of a {@link TcpBackend}.
 *
 * @param <M> the type of the messages
 */
final class TcpLifecycle<M> implements FleetProtocol<TcpService<M>, TcpGroup<M>> {

	private static final Logger logger = LoggerFactory.getLogger(TcpLifecycle.class);

	private static final Duration CLOSE_MARGIN = Duration.ofSeconds(2);

	private enum Phase {

		NEW, STARTED, CLOSED

	}

	private final String name;

	private final ServiceDiscovery discovery;

	private final ConsistentHash algorithm;

	private final ScheduledThreadPoolExecutor control;

	private final @Nullable ExecutorService ownHandlerExecutor;

	private final TcpTransport transport;

	private final TcpRuntime<M> runtime;

	private final Fleet<TcpService<M>, TcpGroup<M>> fleet;

	private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.NEW);

	private final AtomicReference<ServiceDiscovery.@Nullable Subscription> subscription = new AtomicReference<>();

	private final OwnThreads threads = new OwnThreads();

	TcpLifecycle(TcpBackend.Builder builder, MessageCodec<M> codec, TcpHandler<M> handler) {
		this.name = builder.name();
		this.discovery = builder.discovery();
		this.algorithm = builder.consistentHash();
		this.control = new ScheduledThreadPoolExecutor(1, this.threads.named(this.name + "-control"),
				new ThreadPoolExecutor.DiscardPolicy());
		this.control.setRemoveOnCancelPolicy(true);
		Executor given = builder.handlerExecutor();
		this.ownHandlerExecutor = (given == null) ? newHandlerExecutor(builder.handlerThreads()) : null;
		this.transport = builder.transport();
		CompositeListener listener = new CompositeListener(builder.listeners());
		this.runtime = new TcpRuntime<>(codec, handler, listener, (given != null) ? given : handlers(), this.transport,
				builder.settings(), this::onAvailability);
		this.fleet = new Fleet<>(this.name, this, builder.filter(), builder.confirmationDelay(), builder.infoFactory(),
				listener, this.control);
	}

	private Executor handlers() {
		if (this.ownHandlerExecutor == null) {
			throw new IllegalStateException("no handler executor");
		}
		return this.ownHandlerExecutor;
	}

	private ExecutorService newHandlerExecutor(int threads) {
		ThreadPoolExecutor executor = new ThreadPoolExecutor(threads, threads, 30, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), this.threads.named(this.name + "-handler"));
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	TcpRuntime<M> runtime() {
		return this.runtime;
	}

	Fleet<TcpService<M>, TcpGroup<M>> fleet() {
		return this.fleet;
	}

	DiscoveryStatus discoveryStatus() {
		return this.discovery.status();
	}

	void start() {
		if (!this.phase.compareAndSet(Phase.NEW, Phase.STARTED)) {
			throw new IllegalStateException(
					"%s: start() when %s (expected: NEW)".formatted(this.name, this.phase.get()));
		}
		long tickNanos = this.runtime.settings().timings().tickInterval().toNanos();
		if (tickNanos > 0) {
			this.control.scheduleWithFixedDelay(() -> this.fleet.forEach(TcpService::tick), tickNanos, tickNanos,
					TimeUnit.NANOSECONDS);
		}
		this.subscription.set(this.discovery.subscribe(this.fleet::apply));
		if (this.phase.get() == Phase.CLOSED) {
			// Closed meanwhile, by a thread that may not have seen the subscription.
			closeSubscription();
		}
	}

	boolean running() {
		return this.phase.get() == Phase.STARTED;
	}

	boolean awaitReady(Duration timeout) throws InterruptedException {
		try {
			return this.fleet.firstSnapshot()
				.thenCompose((done) -> this.fleet.whenAllUsable(timeout))
				.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			return false;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	void close() {
		if (this.phase.getAndSet(Phase.CLOSED) == Phase.CLOSED) {
			return;
		}
		if (this.threads.includeCurrent() || this.transport.ownsCurrentThread()) {
			// Waiting here would be waiting for this very thread.
			Thread closing = new Thread(this::closeAll, this.name + "-close");
			closing.setDaemon(false);
			closing.start();
		}
		else {
			closeAll();
		}
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
		Duration limit = this.runtime.settings().timings().drainTimeout().plus(CLOSE_MARGIN);
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

	private void onAvailability(TcpService<M> service) {
		this.fleet.availabilityChanged(service);
	}

	@Override
	public TcpGroup<M> newGroup(String name) {
		return new TcpGroup<>(name, this.algorithm, this.runtime);
	}

	@Override
	public TcpService<M> newService(TcpGroup<M> group, ServiceConfig config, @Nullable Object info) {
		return new TcpService<>(config, info, this.runtime);
	}

	@Override
	public RemovalMode removalMode() {
		return this.runtime.settings().removal();
	}

}
