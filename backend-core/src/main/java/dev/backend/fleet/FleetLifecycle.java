package dev.backend.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.ServiceDiscovery;
import org.jspecify.annotations.Nullable;

/**
 * Starts and stops a backend, any number of times. Each start makes a {@link FleetRun} of
 * its own; what outlives the runs is here: what they are made from, and who listens.
 *
 * <p>
 * <b>Phases.</b> STOPPED → STARTING → STARTED → STOPPED → … → CLOSED. They change under a
 * lock, under which nothing waits and no user code runs. A run is made while STARTING:
 * whoever stops the backend meanwhile gets the phase, and the run that comes too late is
 * stopped unstarted. A run that stops may outlast its phase: whoever starts the next one
 * waits for its end first, so that the events of an old life come before those of a new
 * one.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
final class FleetLifecycle<S extends FleetService, G extends ServiceGroup<S>> {

	private enum Phase {

		STOPPED, STARTING, STARTED, CLOSED

	}

	private final FleetOptions options;

	private final ProtocolRunFactory<S, G> factory;

	private final Object lock = new Object();

	/** Guarded by the lock. */
	private final List<Runnable> servicesListeners = new ArrayList<>();

	/** Who is making a run. Guarded by the lock. */
	private @Nullable Object attempt;

	/** The present run, or the last one. Written under the lock. */
	private volatile @Nullable FleetRun<S, G> run;

	/** Written under the lock. */
	private volatile Phase phase = Phase.STOPPED;

	FleetLifecycle(FleetOptions options, ProtocolRunFactory<S, G> factory) {
		this.options = options;
		this.factory = factory;
	}

	String name() {
		return this.options.name();
	}

	void start() {
		Object attempt = begin();
		FleetRun<S, G> run;
		try {
			run = new FleetRun<>(this.options, this.factory, holdsStarted());
		}
		catch (Throwable ex) {
			giveUp(attempt);
			throw ex;
		}
		if (!publish(attempt, run)) {
			run.stop();
			return;
		}
		try {
			run.start();
		}
		catch (Throwable ex) {
			end(Phase.STOPPED, run);
			throw ex;
		}
	}

	/** Takes the phase, when the last run has ended. */
	private Object begin() {
		while (true) {
			FleetRun<S, G> last;
			synchronized (this.lock) {
				if (this.phase != Phase.STOPPED) {
					throw new IllegalStateException(
							"%s: start() when %s (expected: STOPPED)".formatted(this.options.name(), this.phase));
				}
				last = this.run;
				if (last == null || last.stopped().isDone()) {
					this.phase = Phase.STARTING;
					this.attempt = new Object();
					return this.attempt;
				}
			}
			await(last);
		}
	}

	private void await(FleetRun<S, G> last) {
		if (last.ownsCurrentThread()) {
			throw new IllegalStateException(
					"%s: start() on a thread of the run that is being stopped (expected: another thread)"
						.formatted(this.options.name()));
		}
		last.stopped().join();
	}

	private void giveUp(Object attempt) {
		synchronized (this.lock) {
			if (this.attempt == attempt) {
				this.attempt = null;
				this.phase = Phase.STOPPED;
			}
		}
	}

	/** Returns whether the phase was not taken away meanwhile. */
	private boolean publish(Object attempt, FleetRun<S, G> run) {
		synchronized (this.lock) {
			if (this.attempt != attempt) {
				return false;
			}
			this.attempt = null;
			this.run = run;
			this.phase = Phase.STARTED;
			this.servicesListeners.forEach(run.fleet()::onServicesChanged);
			return true;
		}
	}

	void stop() {
		end(Phase.STOPPED, null);
	}

	void close() {
		end(Phase.CLOSED, null);
	}

	/** Ends the present run, or only this one. */
	private void end(Phase next, @Nullable FleetRun<S, G> only) {
		FleetRun<S, G> ending;
		synchronized (this.lock) {
			ending = (this.phase == Phase.STARTED) ? this.run : null;
			if (this.phase == Phase.CLOSED || (only != null && only != ending)) {
				return;
			}
			this.attempt = null;
			this.phase = next;
		}
		if (ending != null) {
			ending.stop();
		}
	}

	boolean running() {
		return this.phase == Phase.STARTED;
	}

	/** Why this is not running, for messages; {@code null} if it is. */
	@Nullable String whyNotRunning() {
		Phase phase = this.phase;
		return switch (phase) {
			case STARTED -> null;
			case CLOSED -> name() + " is closed";
			case STARTING -> name() + " is not started yet";
			case STOPPED -> name() + ((this.run != null) ? " is stopped" : " is not started yet");
		};
	}

	boolean awaitReady(Duration timeout) throws InterruptedException {
		return run("awaitReady").awaitReady(timeout);
	}

	boolean ownsCurrentThread() {
		FleetRun<S, G> run = this.run;
		return run != null && run.ownsCurrentThread();
	}

	ServiceDiscovery discovery() {
		return this.options.discovery();
	}

	/** The groups of the present run; empty before the first one. Takes no lock. */
	Map<String, G> groups() {
		FleetRun<S, G> run = this.run;
		return (run != null) ? run.fleet().groups() : Map.of();
	}

	/** The counts of the present run; null before its first snapshot. */
	@Nullable InstanceCounts instanceCounts() {
		FleetRun<S, G> run = this.run;
		return (run != null) ? run.fleet().counts() : null;
	}

	Map<String, Set<String>> holds() {
		FleetRun<S, G> run = this.run;
		return (run != null && running()) ? run.fleet().holds() : Map.of();
	}

	/** Of all runs. */
	long holdsStarted() {
		FleetRun<S, G> run = this.run;
		return (run != null) ? run.holdsStarted() : 0;
	}

	Map<String, Set<String>> drainedServices() {
		FleetRun<S, G> run = this.run;
		return (run != null && running()) ? run.fleet().drainedServices() : Map.of();
	}

	CompletableFuture<Void> drained(String name, String id, boolean drained) {
		return run("drain").drained(name, id, drained);
	}

	Map<String, Set<String>> suspendedServices() {
		FleetRun<S, G> run = this.run;
		return (run != null && running()) ? run.fleet().suspendedServices() : Map.of();
	}

	CompletableFuture<Void> suspended(String name, String id, boolean suspended) {
		return run("suspend").suspended(name, id, suspended);
	}

	void onServicesChanged(Runnable listener) {
		synchronized (this.lock) {
			this.servicesListeners.add(listener);
			if (this.phase == Phase.STARTED) {
				run("onServicesChanged").fleet().onServicesChanged(listener);
			}
		}
	}

	void forEach(Consumer<S> action) {
		FleetRun<S, G> run = this.run;
		if (run != null) {
			run.fleet().forEach(action);
		}
	}

	private FleetRun<S, G> run(String call) {
		FleetRun<S, G> run = this.run;
		if (run == null) {
			throw new IllegalStateException(
					"%s: %s before the first start (expected: after it)".formatted(this.options.name(), call));
		}
		return run;
	}

}
