package dev.backend.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;

import dev.backend.Availability;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.settings.DurationText;
import dev.backend.transport.PlainWords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.SmartLifecycle;

/**
 * Has the start of the application wait for the backends of one protocol: until discovery
 * has answered and the first attempt at every instance has ended, for a time at most. It
 * does so when those of all protocols are started, so that the times run together.
 */
public final class BackendReadiness implements SmartLifecycle {

	/** Of so many services that are not usable at the start each is named. */
	private static final int SHOWN = 10;

	private static final Logger logger = LoggerFactory.getLogger(BackendReadiness.class);

	private final BackendLifecycle lifecycle;

	private final Function<FleetBackend<?, ?>, Duration> awaitReady;

	private final Function<FleetBackend<?, ?>, String> property;

	private volatile boolean running;

	/**
	 * Creates the wait.
	 * @param lifecycle what starts the backends, and is started before this
	 * @param awaitReady how long the start waits for a backend; zero if it does not
	 * @param property the name of the property that says so
	 */
	public BackendReadiness(BackendLifecycle lifecycle, Function<FleetBackend<?, ?>, Duration> awaitReady,
			Function<FleetBackend<?, ?>, String> property) {
		this.lifecycle = lifecycle;
		this.awaitReady = awaitReady;
		this.property = property;
	}

	/** Waits for those that the lifecycle has started. */
	@Override
	public void start() {
		this.running = true;
		BackendLifecycle.Begun begun = this.lifecycle.begun();
		begun.backends().forEach((backend) -> await(backend, begun.nanoTime()));
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return BackendLifecycle.PHASE + 1;
	}

	private void await(FleetBackend<?, ?> backend, long since) {
		Duration wait = this.awaitReady.apply(backend);
		if (wait.isZero()) {
			return;
		}
		try {
			Duration left = wait.minusNanos(System.nanoTime() - since);
			if (!backend.awaitReady(left.isNegative() ? Duration.ZERO : left)) {
				warn(backend, wait, DurationText.ofNanos(System.nanoTime() - since));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void warn(FleetBackend<?, ?> backend, Duration wait, String waited) {
		DiscoveryStatus status = backend.discoveryStatus();
		String property = this.property.apply(backend);
		String reason = (status.reason() != null) ? " (" + status.reason() + ")" : "";
		if (backend.instanceCounts() == null) {
			logger.warn("{}: {} has not answered within {} ({}); goes on without{}", backend.name(), status.source(),
					waited, property, reason);
			return;
		}
		List<? extends FleetService> unusable = backend.services()
			.stream()
			.filter((service) -> service.expected() && service.availability() != Availability.READY)
			.toList();
		if (unusable.isEmpty() && reason.isEmpty()) {
			// The wait for another one has taken all the time, and this one is ready.
			return;
		}
		List<String> some = unusable.stream().limit(SHOWN).map(BackendReadiness::describe).toList();
		logger.warn("{}: {} of {} services are not usable after {} ({}={}); goes on without, such as: {}{}",
				backend.name(), unusable.size(), backend.services().size(), waited, property, DurationText.of(wait),
				some, reason);
	}

	private static String describe(FleetService service) {
		Throwable failure = service.lastFailure();
		if (failure == null) {
			return service + " " + service.state();
		}
		return service + " " + service.state() + ": " + PlainWords.describe(failure, service.toString());
	}

}
