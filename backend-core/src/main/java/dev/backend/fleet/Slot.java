package dev.backend.fleet;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The place of one id in its group. After a change of address it holds two services: the
 * present one, which serves on, and its replacement until that is ready. Control thread
 * only.
 */
final class Slot<S extends FleetService> {

	private S current;

	private @Nullable S replacement;

	private @Nullable Listed desired;

	Slot(S current) {
		this.current = current;
	}

	S current() {
		return this.current;
	}

	@Nullable S replacement() {
		return this.replacement;
	}

	void replacement(@Nullable S replacement) {
		this.replacement = replacement;
	}

	/** What the last snapshot says, or {@code null} if it has nothing of this id. */
	@Nullable Listed desired() {
		return this.desired;
	}

	void desired(@Nullable Listed desired) {
		this.desired = desired;
	}

	/** The service that connects to where discovery says the instance is. */
	S latest() {
		return (this.replacement != null) ? this.replacement : this.current;
	}

	/** The present service and, where there is one, its replacement. */
	List<S> services() {
		return (this.replacement != null) ? List.of(this.current, this.replacement) : List.of(this.current);
	}

	/** The replacement takes the place of the present service. */
	void promote(S replacement) {
		this.current = replacement;
		this.replacement = null;
	}

}
