package dev.backend.fleet;

import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * What a service asks of the run of its backend. Safe for use by any thread.
 */
interface FleetOwner {

	/**
	 * Returns the name of the backend.
	 * @return the name
	 */
	String backend();

	/**
	 * Returns whether the run ends or has ended.
	 * @return that the backend is stopped, for messages; {@code null} while it runs
	 */
	@Nullable String ended();

	/**
	 * Suspends an instance, or resumes it.
	 * @param name the service name, in normal form
	 * @param id the id, in normal form
	 * @param suspended whether it is to be without a connection
	 * @return a future that completes when that is done
	 */
	CompletableFuture<Void> suspended(String name, String id, boolean suspended);

}
