package dev.backend.fleet;

import dev.backend.ServiceConfig;
import dev.backend.routing.RoutedInstance;
import org.jspecify.annotations.Nullable;

/**
 * The place of one id in its group. Control thread only.
 */
final class Slot<S extends FleetService> {

	private final ServiceKey key;

	private final S service;

	private @Nullable Listed desired;

	/** The service as rings take it, made of the config that is kept beside it. */
	private @Nullable RoutedInstance<S> routed;

	private @Nullable ServiceConfig routedConfig;

	private boolean renamed;

	/** What follows the publication that is to come. */
	private @Nullable Object plan;

	Slot(S service, Listed desired) {
		this.key = desired.key();
		this.service = service;
		this.desired = desired;
	}

	ServiceKey key() {
		return this.key;
	}

	S service() {
		return this.service;
	}

	/**
	 * Returns the service as rings take it: the same object for as long as its config is
	 * the same, which spares reading the weight of thousands with each publication.
	 */
	RoutedInstance<S> routed() {
		ServiceConfig config = this.service.config();
		RoutedInstance<S> routed = this.routed;
		if (routed == null || this.routedConfig != config) {
			routed = RoutedInstance.of(config, this.service);
			this.routed = routed;
			this.routedConfig = config;
		}
		return routed;
	}

	/** What the last snapshot says, or {@code null} if it has nothing of this id. */
	@Nullable Listed desired() {
		return this.desired;
	}

	void desired(@Nullable Listed desired) {
		this.desired = desired;
	}

	/**
	 * Something is to be done with the service behind a publication, and no more what was
	 * to be done before: that publication may have been made of something else.
	 * @return what tells the plan from others
	 */
	Object plan() {
		Object plan = new Object();
		this.plan = plan;
		return plan;
	}

	/** Whether the instance is listed under another id by now. */
	boolean renamed() {
		return this.renamed;
	}

	void renamed(boolean renamed) {
		this.renamed = renamed;
	}

	/** Nothing is to be done any more. */
	void forgetPlan() {
		this.plan = null;
	}

	/** Returns whether something is to be done that was not done yet. */
	boolean planned() {
		return this.plan != null;
	}

	/** Returns whether a plan still holds. */
	boolean follows(Object plan) {
		return this.plan == plan;
	}

}
