package dev.backend.discovery.cloud;

import java.util.Map;

/**
 * What one read of a discovery client found.
 *
 * @param services the content of each service that was read
 * @param failures why each other service that was asked for could not be read
 * @param listed how many services the client lists, or -1 if it was not asked
 */
record CloudAnswer(Map<String, CloudContent> services, Map<String, CloudFailure> failures, int listed) {

	/** Whether each service was read and none has an instance. */
	boolean isEmpty() {
		return this.failures.isEmpty() && this.services.values().stream().allMatch(CloudContent::isEmpty);
	}

	/** Whether there were services to read, and none could be. */
	boolean isFailure() {
		return this.services.isEmpty() && !this.failures.isEmpty();
	}

	/**
	 * Whether there is no instance and the client does not know of any service either.
	 */
	boolean listsNothing() {
		return this.listed == 0;
	}

	CloudAnswer withListed(int number) {
		return new CloudAnswer(this.services, this.failures, number);
	}

}
