package dev.backend.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.ServiceNotFoundException;
import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import org.jspecify.annotations.Nullable;

/**
 * What all backends have: their life, and the look-ups. None of those takes a lock or
 * blocks. {@code find…} returns {@code null} where {@code get…} and {@code select…}
 * throw.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
public abstract class FleetBackend<S extends FleetService, G extends ServiceGroup<S>> implements AutoCloseable {

	private final FleetLifecycle<S, G> lifecycle;

	/**
	 * Creates a backend, not started.
	 * @param builder what the user wants
	 * @param factory makes what the protocol brings, for each start anew
	 * @throws IllegalStateException if there is no discovery
	 */
	protected FleetBackend(FleetBuilder<?> builder, ProtocolRunFactory<S, G> factory) {
		this.lifecycle = new FleetLifecycle<>(builder.options(), factory);
	}

	/**
	 * Does something with every service, those on their way out included, on the control
	 * thread. Without effect while this backend is not started.
	 * @param action the action; must not block
	 */
	protected final void forEachService(Consumer<S> action) {
		this.lifecycle.forEach(action);
	}

	/**
	 * Returns the name of this backend, after which its threads are named. Its services
	 * {@linkplain FleetService#backend() say} it, too.
	 * @return the name
	 */
	public final String name() {
		return this.lifecycle.name();
	}

	/**
	 * Starts to watch discovery and to connect or probe. Does not wait for either. May be
	 * called again after {@link #stop()}; if that goes on in the background, this waits
	 * for its end.
	 * @throws IllegalStateException if this backend is started or closed, or if it is
	 * being stopped and the caller is on a thread of it, such as that of a handler
	 */
	public final void start() {
		this.lifecycle.start();
	}

	/**
	 * Returns whether this backend is started.
	 * @return whether it is at work
	 */
	public final boolean running() {
		return this.lifecycle.running();
	}

	/**
	 * Waits until the first snapshot of discovery was applied and an attempt at every
	 * instance in it has ended: it is usable, or it could not be connected, logged in or
	 * probed. So an instance that is down costs no more than one attempt, which is made
	 * again, as ever, but not waited for. Those that are {@linkplain #drain drained},
	 * suspended or ejected are not waited for either. Ends as well when this backend is
	 * stopped.
	 * @param timeout how long to wait at most, such as for a discovery that does not
	 * answer, or a login that hangs
	 * @return whether all are usable; {@code false} if an attempt has failed, the rings
	 * of a group cannot be made, the time is over, or this backend is stopped
	 * @throws InterruptedException if the thread is interrupted meanwhile
	 * @throws IllegalStateException before the first start
	 */
	public final boolean awaitReady(Duration timeout) throws InterruptedException {
		return this.lifecycle.awaitReady(timeout);
	}

	/**
	 * Stops: takes every service off the rings, lets pending requests finish within the
	 * drain time-out, closes all connections, runs the callbacks that wait and ends all
	 * threads. Blocks for as long as that takes, except on a thread of this backend, such
	 * as that of a handler, where it goes on in the background. A further call returns at
	 * once. Handlers of the default pool that are not done two seconds after that are
	 * interrupted, and callbacks that have not begun by then are dropped. Those that an
	 * executor of one's own runs are waited for as long, and then left to it. What was
	 * {@linkplain #drain drained} or suspended is forgotten; settings, counters and
	 * listeners stay. {@link #start()} starts again.
	 */
	public final void stop() {
		this.lifecycle.stop();
	}

	/**
	 * Stops for good, as {@link #stop()} does. A further call returns at once.
	 */
	@Override
	public final void close() {
		this.lifecycle.close();
	}

	/**
	 * Returns whether the caller is on a thread of this backend, where {@link #stop()}
	 * does not wait: one of its event loops or default handlers, also if it
	 * {@linkplain SharedThreads shares} them and the thread is at work for another
	 * backend, or its control thread.
	 * @return whether it must not be waited for
	 */
	public final boolean ownsCurrentThread() {
		return this.lifecycle.ownsCurrentThread();
	}

	/**
	 * Returns how discovery is doing.
	 * @return the status
	 */
	public final DiscoveryStatus discoveryStatus() {
		return this.lifecycle.discovery().status();
	}

	/**
	 * Returns how often discovery has read its registry. With a discovery that several
	 * backends share, all of them see the same reads.
	 * @return the counts
	 */
	public final DiscoveryReads discoveryReads() {
		return this.lifecycle.discovery().reads();
	}

	/**
	 * Returns how many of the entries that discovery lists are services of this backend,
	 * and why the others are not, such as that their scheme is another one.
	 * @return the counts of the last snapshot, or {@code null} if there was none since
	 * the start: discovery has not answered yet
	 */
	public final @Nullable InstanceCounts instanceCounts() {
		return this.lifecycle.instanceCounts();
	}

	/**
	 * Adds a listener that is called soon, or after the next start, and again whenever
	 * {@link #groups()} or the ids of the services in one of them have changed. Calls
	 * come one after another, on the control thread; they must be quick. What it throws
	 * is logged.
	 * @param listener the listener
	 */
	public final void onServicesChanged(Runnable listener) {
		this.lifecycle.onServicesChanged(Objects.requireNonNull(listener, "listener"));
	}

	/**
	 * Returns the groups by service name.
	 * @return the groups; a snapshot that does not change
	 */
	public final Map<String, G> groups() {
		return this.lifecycle.groups();
	}

	/**
	 * Finds the group of a service name.
	 * @param name the service name; trimmed and lower-cased
	 * @return the group, or {@code null} if no instance is known
	 */
	public final @Nullable G findGroup(String name) {
		return this.lifecycle.groups().get(ServiceConfig.normalize(name));
	}

	/**
	 * Returns the group of a service name.
	 * @param name the service name; trimmed and lower-cased
	 * @return the group
	 * @throws ServiceNotFoundException if no instance is known; the message says so, or
	 * that discovery has not answered yet, or that this backend is stopped
	 */
	public final G group(String name) {
		G group = findGroup(name);
		if (group == null) {
			throw noGroup(name);
		}
		return group;
	}

	/**
	 * Returns the instances that the registry does not list any more and that are kept
	 * all the same: most of their group was missed at once, and a later read has yet to
	 * confirm that. Of these, the ones that still answer stay on the rings.
	 * @return the ids by service name; empty as a rule
	 */
	public final Map<String, Set<String>> holds() {
		return this.lifecycle.holds();
	}

	/**
	 * Returns how often this backend began to hold most of a group.
	 * @return the number since this backend was made
	 */
	public final long holdsStarted() {
		return this.lifecycle.holdsStarted();
	}

	/**
	 * Takes an instance off the rings for maintenance, until {@link #undrain} puts it
	 * back: no route leads to it, and no broadcast reaches it. It stays connected, or
	 * probed, what is pending finishes, and what addresses it by its id still reaches it.
	 * That it reconnects, moves, or leaves discovery and comes back under its id changes
	 * nothing; that this backend is stopped does. The last thousand are remembered at
	 * least. Other applications do not know of it.
	 * @param name the service name; trimmed and lower-cased
	 * @param id the id; trimmed and lower-cased
	 * @return a future that completes when it is off the rings, at once as a rule; it
	 * fails if this backend is stopped
	 * @throws ServiceNotFoundException if it is not known
	 */
	public final CompletableFuture<Void> drain(String name, String id) {
		S service = getService(name, id);
		return this.lifecycle.drained(service.name(), service.id(), true);
	}

	/**
	 * Puts an instance that was drained back on the rings, or lets it get there once it
	 * is ready. Without effect if it is not drained.
	 * @param name the service name; trimmed and lower-cased
	 * @param id the id; trimmed and lower-cased
	 * @return a future that completes when the rings are as they should be; it fails if
	 * this backend is stopped
	 * @throws ServiceNotFoundException if it is neither drained nor known
	 */
	public final CompletableFuture<Void> undrain(String name, String id) {
		String normalName = ServiceConfig.normalize(name);
		String normalId = ServiceConfig.normalize(id);
		requireMarkedOrKnown(drained(), normalName, normalId);
		return this.lifecycle.drained(normalName, normalId, false);
	}

	private void requireMarkedOrKnown(Map<String, Set<String>> marked, String name, String id) {
		if (!marked.getOrDefault(name, Set.of()).contains(id)) {
			getService(name, id);
		}
	}

	/**
	 * Returns the instances that are drained, those included that discovery does not list
	 * at present.
	 * @return the ids by service name; a snapshot that does not change
	 */
	public final Map<String, Set<String>> drained() {
		return this.lifecycle.drainedServices();
	}

	/**
	 * Takes an instance off the rings and closes its connection, until
	 * {@link #resumeService}.
	 * @param name the service name; trimmed and lower-cased
	 * @param id the id; trimmed and lower-cased
	 * @return a future that completes when its connection is closed, or when it is
	 * resumed before that; it fails if this backend is stopped
	 * @throws ServiceNotFoundException if it is not known
	 */
	protected final CompletableFuture<Void> suspendService(String name, String id) {
		S service = getService(name, id);
		return this.lifecycle.suspended(service.name(), service.id(), true);
	}

	/**
	 * Lets an instance that was suspended have a connection again.
	 * @param name the service name; trimmed and lower-cased
	 * @param id the id; trimmed and lower-cased
	 * @return a future that completes when it is being connected; it fails if this
	 * backend is stopped
	 * @throws ServiceNotFoundException if it is neither suspended nor known
	 */
	protected final CompletableFuture<Void> resumeService(String name, String id) {
		String normalName = ServiceConfig.normalize(name);
		String normalId = ServiceConfig.normalize(id);
		requireMarkedOrKnown(suspendedServices(), normalName, normalId);
		return this.lifecycle.suspended(normalName, normalId, false);
	}

	/**
	 * Returns the instances that are suspended, those included that discovery does not
	 * list at present.
	 * @return the ids by service name; a snapshot that does not change
	 */
	protected final Map<String, Set<String>> suspendedServices() {
		return this.lifecycle.suspendedServices();
	}

	/**
	 * Returns the services of all groups, usable or not.
	 * @return the services
	 */
	public final List<S> services() {
		List<S> services = new ArrayList<>();
		for (G group : groups().values()) {
			Collection<S> members = group.services();
			services.addAll(members);
		}
		return services;
	}

	/**
	 * Finds a service by its id, usable or not.
	 * @param name the service name; trimmed and lower-cased
	 * @param id the id; trimmed and lower-cased
	 * @return the service, or {@code null} if it is not known
	 */
	public final @Nullable S findService(String name, String id) {
		G group = findGroup(name);
		return (group != null) ? group.findService(id) : null;
	}

	/**
	 * Returns a service by its id, usable or not.
	 * @param name the service name; trimmed and lower-cased
	 * @param id the id; trimmed and lower-cased
	 * @return the service
	 * @throws ServiceNotFoundException if it is not known
	 */
	public final S getService(String name, String id) {
		return group(name).getService(id);
	}

	/**
	 * Finds the usable service that a route leads to.
	 * @param name the service name; trimmed and lower-cased
	 * @param route the route
	 * @return the service, or {@code null} if none is usable
	 */
	public final @Nullable S find(String name, Route route) {
		G group = findGroup(name);
		return (group != null) ? group.find(route) : null;
	}

	/**
	 * Returns the usable service that a route leads to.
	 * @param name the service name; trimmed and lower-cased
	 * @param route the route
	 * @return the service
	 * @throws ServiceNotFoundException if none is usable; the message says how many are
	 * known and in which states they are
	 */
	public final S select(String name, Route route) {
		return group(name).select(route);
	}

	/**
	 * Returns the exception for a service name of which no instance is known.
	 * @param name the service name
	 * @return the exception, to be thrown
	 */
	protected final ServiceNotFoundException noGroup(String name) {
		return new ServiceNotFoundException("No service '%s': %s".formatted(ServiceConfig.normalize(name), whyNone()));
	}

	private String whyNone() {
		String notRunning = this.lifecycle.whyNotRunning();
		if (notRunning != null) {
			return notRunning;
		}
		DiscoveryStatus status = discoveryStatus();
		String known = (instanceCounts() == null) ? status.source() + " has not answered yet"
				: "no instance is known; known service names: "
						+ groups().keySet().stream().sorted().limit(20).toList();
		return known + ((status.reason() != null) ? " (" + status.reason() + ")" : "");
	}

}
