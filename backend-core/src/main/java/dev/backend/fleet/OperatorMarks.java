package dev.backend.fleet;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator has said of single instances: which are drained, and which are
 * suspended. The two marks do not know each other. They are kept by id, and put on the
 * service that has it. All but the views is for the control thread.
 *
 * <p>
 * <b>Order.</b> The tables without a suspended service are published first. Its
 * connection is drained and closed by a task behind that, so that no look-up leads to
 * what is being closed. Whoever asked for it is told when no connection is left.
 *
 * @param <S> the type of the services
 */
final class OperatorMarks<S extends FleetService> {

	private static final Logger logger = LoggerFactory.getLogger(OperatorMarks.class);

	private final String label;

	private final Function<ServiceKey, @Nullable Slot<S>> slots;

	private final FleetPublisher<S, ?> publisher;

	private final MarkedServices drained = new MarkedServices();

	private final MarkedServices suspended = new MarkedServices();

	/** Completed when what was suspended has no connection any more. */
	private final Map<ServiceKey, CompletableFuture<Void>> closing = new HashMap<>();

	/**
	 * The last suspension or resumption of each, until the tables after it are published.
	 */
	private final Map<ServiceKey, Object> unpublished = new HashMap<>();

	private boolean ended;

	/**
	 * Creates marks, of which there are none yet.
	 * @param label how logs name the backend
	 * @param slots the places of the fleet
	 * @param publisher publishes the tables of a service
	 */
	OperatorMarks(String label, Function<ServiceKey, @Nullable Slot<S>> slots, FleetPublisher<S, ?> publisher) {
		this.label = label;
		this.slots = slots;
		this.publisher = publisher;
	}

	/** The drained ids by service name; a snapshot that does not change. Any thread. */
	Map<String, Set<String>> drained() {
		return this.drained.view();
	}

	/** The suspended ids by service name; a snapshot that does not change. Any thread. */
	Map<String, Set<String>> suspended() {
		return this.suspended.view();
	}

	/** Puts the marks of its id on a service that is not started yet. */
	void apply(S service) {
		ServiceKey key = ServiceKey.of(service.config());
		if (this.drained.contains(key)) {
			service.drained(true);
		}
		if (this.suspended.contains(key)) {
			service.suspended(true);
			service.suspendedChanged();
		}
	}

	/** Keeps an instance off the rings, or no longer. */
	void drained(ServiceKey key, boolean drained, CompletableFuture<Void> done) {
		if (mark(this.drained, key, drained)) {
			logger.info("{}: {}/{} is {} by an operator", this.label, key.name(), key.id(),
					drained ? "drained" : "put back");
			S service = service(key);
			if (service != null) {
				service.drained(drained);
				this.publisher.changed(service);
			}
		}
		this.publisher.publishBefore(key.name(), () -> done.complete(null));
	}

	/** Leaves an instance without a connection, or no longer. */
	void suspended(ServiceKey key, boolean suspended, CompletableFuture<Void> done) {
		if (mark(this.suspended, key, suspended)) {
			logger.info("{}: {}/{} is {} by an operator", this.label, key.name(), key.id(),
					suspended ? "suspended" : "resumed");
			S service = service(key);
			if (service != null) {
				service.suspended(suspended);
				this.publisher.changed(service);
			}
		}
		Object change = new Object();
		this.unpublished.put(key, change);
		this.publisher.publishBefore(key.name(), () -> afterPublication(key, change, done));
	}

	/** By now the mark may have been changed again: the last change counts. */
	private void afterPublication(ServiceKey key, Object change, CompletableFuture<Void> done) {
		S service = service(key);
		if (this.unpublished.remove(key, change) && service != null) {
			service.suspendedChanged();
		}
		CompletableFuture<Void> closed = this.closing.computeIfAbsent(key, (absent) -> new CompletableFuture<>());
		closed.whenComplete((nothing, failure) -> {
			if (failure != null) {
				done.completeExceptionally(failure);
			}
			else {
				done.complete(null);
			}
		});
		settle(key);
	}

	/** A service of this id may have closed its connection. */
	void settle(ServiceKey key) {
		CompletableFuture<Void> closed = this.closing.get(key);
		if (closed == null) {
			return;
		}
		if (this.ended) {
			this.closing.remove(key);
			closed.completeExceptionally(stopped());
		}
		else if (!this.suspended.contains(key) || rests(key)) {
			this.closing.remove(key);
			closed.complete(null);
		}
	}

	private boolean rests(ServiceKey key) {
		S service = service(key);
		return service == null || service.resting();
	}

	/** The backend is being stopped: nobody is told of a suspension any more. */
	void end() {
		this.ended = true;
		List.copyOf(this.closing.keySet()).forEach(this::settle);
	}

	private IllegalStateException stopped() {
		return new IllegalStateException("%s is stopped (expected: started)".formatted(this.label));
	}

	/** Returns whether that changes anything. */
	private boolean mark(MarkedServices marks, ServiceKey key, boolean marked) {
		return marked ? marks.add(key, (other) -> this.slots.apply(other) != null) : marks.remove(key);
	}

	private @Nullable S service(ServiceKey key) {
		Slot<S> slot = this.slots.apply(key);
		return (slot != null) ? slot.service() : null;
	}

}
