package dev.backend.fleet;

import java.util.concurrent.CompletableFuture;

/**
 * Suspends instances and resumes them, by their ids. Safe for use by any thread.
 */
@FunctionalInterface
interface Suspender {

	/**
	 * Suspends an instance, or resumes it.
	 * @param name the service name, in normal form
	 * @param id the id, in normal form
	 * @param suspended whether it is to be without a connection
	 * @return a future that completes when that is done
	 */
	CompletableFuture<Void> suspended(String name, String id, boolean suspended);

}
