package dev.backend.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.backend.Availability;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.settings.DurationText;
import dev.backend.transport.PlainWords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the backend beans of one protocol before the web server and stops them after:
 * what the web server lets in finds the backend at work, and what it still answers while
 * it stops does too. A context that pauses stops them as well, and starts them when it
 * goes on.
 */
public final class BackendLifecycle implements SmartLifecycle {

	/**
	 * Below the phases of Spring Boot's web server: its graceful shutdown is at 1024, its
	 * start and stop at 2048 below the default.
	 */
	public static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 4096;

	private static final Logger logger = LoggerFactory.getLogger(BackendLifecycle.class);

	private final ObjectProvider<? extends FleetBackend<?, ?>> backends;

	private final String property;

	private final Duration awaitReady;

	private volatile boolean running;

	/**
	 * Creates the lifecycle.
	 * @param backends the backends
	 * @param protocol what they are called in properties, such as {@code tcp}
	 * @param awaitReady how long the start waits for the first attempt at every
	 * discovered instance
	 */
	public BackendLifecycle(ObjectProvider<? extends FleetBackend<?, ?>> backends, String protocol,
			Duration awaitReady) {
		this.backends = backends;
		this.property = "backend." + protocol + ".await-ready";
		this.awaitReady = Checks.notNegative(this.property, awaitReady);
	}

	@Override
	public void start() {
		List<? extends FleetBackend<?, ?>> starting = this.backends.orderedStream()
			.filter((backend) -> !backend.running())
			.toList();
		starting.forEach(FleetBackend::start);
		this.running = true;
		if (!this.awaitReady.isZero()) {
			starting.forEach(this::await);
		}
	}

	/**
	 * Does not wait, so that the backends of the other protocol stop at the same time.
	 */
	@Override
	public void stop(Runnable callback) {
		List<Thread> threads = beginToStop();
		Thread thread = new Thread(() -> {
			join(threads);
			callback.run();
		}, "backend-stop");
		thread.start();
	}

	@Override
	public void stop() {
		join(beginToStop());
	}

	/**
	 * Each may take up to its drain time-out. On a thread of its own it does not wait.
	 */
	private List<Thread> beginToStop() {
		this.running = false;
		List<Thread> threads = new ArrayList<>();
		this.backends.orderedStream().forEach((backend) -> {
			if (backend.ownsCurrentThread()) {
				stopSafely(backend);
			}
			else {
				Thread thread = new Thread(() -> stopSafely(backend), "backend-stop");
				thread.start();
				threads.add(thread);
			}
		});
		return threads;
	}

	private static void join(List<Thread> threads) {
		try {
			for (Thread thread : threads) {
				thread.join();
			}
		}
		catch (InterruptedException ex) {
			threads.forEach(Thread::interrupt);
			Thread.currentThread().interrupt();
		}
	}

	private static void stopSafely(FleetBackend<?, ?> backend) {
		try {
			backend.stop();
		}
		catch (Throwable ex) {
			logger.warn("The backend {} could not be stopped", backend.name(), ex);
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	private void await(FleetBackend<?, ?> backend) {
		long begun = System.nanoTime();
		try {
			if (!backend.awaitReady(this.awaitReady)) {
				warn(backend, DurationText.ofNanos(System.nanoTime() - begun));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void warn(FleetBackend<?, ?> backend, String waited) {
		DiscoveryStatus status = backend.discoveryStatus();
		String reason = (status.reason() != null) ? " (" + status.reason() + ")" : "";
		if (backend.instanceCounts() == null) {
			logger.warn("{}: {} has not answered within {} ({}); goes on without{}", backend.name(), status.source(),
					waited, this.property, reason);
			return;
		}
		List<String> unusable = backend.services()
			.stream()
			.filter((service) -> service.expected() && service.availability() != Availability.READY)
			.map(BackendLifecycle::describe)
			.toList();
		logger.warn("{}: not all services are usable after {} ({}={}); goes on without: {}{}", backend.name(), waited,
				this.property, DurationText.of(this.awaitReady), unusable, reason);
	}

	private static String describe(FleetService service) {
		Throwable failure = service.lastFailure();
		if (failure == null) {
			return service + " " + service.state();
		}
		return service + " " + service.state() + ": " + PlainWords.describe(failure, service.toString());
	}

}
