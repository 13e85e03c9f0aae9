package dev.backend.fleet;

import org.jspecify.annotations.Nullable;

/**
 * The place of one id in its group. Control thread only.
 */
final class Slot<S extends FleetService> {

	private final S service;

	private @Nullable Listed desired;

	private boolean renamed;

	/** What follows the publication that is to come. */
	private @Nullable Object plan;

	Slot(S service, Listed desired) {
		this.service = service;
		this.desired = desired;
	}

	S service() {
		return this.service;
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
