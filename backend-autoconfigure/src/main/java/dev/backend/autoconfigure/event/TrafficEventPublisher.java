package dev.backend.autoconfigure.event;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.execution.DaemonThreads;
import dev.backend.logging.FailureLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes sent and received bytes as application events, for the backends that are to.
 *
 * <p>
 * The hooks run on event loops, where listeners must not. They add to the counts of their
 * service and, if no event of it waits, queue one on this object's own thread. So at most
 * one event per service waits, however slow listeners are, and no byte is missed: the
 * flag is cleared before the counts are taken.
 */
final class TrafficEventPublisher implements BackendListener, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(TrafficEventPublisher.class);

	private final ApplicationEventPublisher publisher;

	private final Predicate<String> backends;

	private final Map<BackendService, Traffic> traffic = new ConcurrentHashMap<>();

	private final FailureLog failureLog = new FailureLog(System::nanoTime);

	private final ExecutorService executor;

	/**
	 * Creates the publisher.
	 * @param publisher where the events go
	 * @param backends whether those of a backend of this name are published; asked by
	 * event loops, for all that is sent and received
	 */
	TrafficEventPublisher(ApplicationEventPublisher publisher, Predicate<String> backends) {
		this.publisher = publisher;
		this.backends = backends;
		this.executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				new DaemonThreads().named("backend-traffic-events"), new ThreadPoolExecutor.DiscardPolicy());
	}

	@Override
	public void onSent(BackendService service, int bytes) {
		if (this.backends.test(service.backend())) {
			Traffic traffic = traffic(service);
			traffic.sent.addAndGet(bytes);
			publishLater(service, traffic);
		}
	}

	@Override
	public void onReceived(BackendService service, int bytes) {
		if (this.backends.test(service.backend())) {
			Traffic traffic = traffic(service);
			traffic.received.addAndGet(bytes);
			publishLater(service, traffic);
		}
	}

	@Override
	public void onRemoved(BackendService service) {
		this.traffic.remove(service);
	}

	/** Ends the thread; what waits is not published any more. */
	@Override
	public void close() {
		this.executor.shutdownNow();
	}

	private Traffic traffic(BackendService service) {
		return this.traffic.computeIfAbsent(service, (key) -> new Traffic());
	}

	private void publishLater(BackendService service, Traffic traffic) {
		if (traffic.queued.compareAndSet(false, true)) {
			this.executor.execute(() -> publish(service, traffic));
		}
	}

	private void publish(BackendService service, Traffic traffic) {
		traffic.queued.set(false);
		long sent = traffic.sent.getAndSet(0);
		long received = traffic.received.getAndSet(0);
		if (sent == 0 && received == 0) {
			return;
		}
		try {
			this.publisher.publishEvent(new ServiceTrafficEvent(service, sent, received));
		}
		catch (RuntimeException ex) {
			this.failureLog.of(service.name())
				.threw(logger, Level.WARN, ex, "Listener {} failed for {}", FailedEventListener.nameOf(ex),
						service.config().label());
			this.failureLog.sweep();
		}
	}

	/** What no event has told of yet. */
	private static final class Traffic {

		private final AtomicLong sent = new AtomicLong();

		private final AtomicLong received = new AtomicLong();

		private final AtomicBoolean queued = new AtomicBoolean();

	}

}
