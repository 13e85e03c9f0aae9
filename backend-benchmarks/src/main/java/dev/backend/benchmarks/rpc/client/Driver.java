package dev.backend.benchmarks.rpc.client;

import dev.backend.benchmarks.rpc.Measurement;

/**
 * Loads a contender and measures it.
 */
@FunctionalInterface
interface Driver {

	/**
	 * Warms up and measures, on the calling thread.
	 * @param contender the contender, not connected yet
	 * @param run what to do
	 * @return the outcome
	 * @throws Exception if anything fails
	 */
	Measurement drive(Contender contender, Run run) throws Exception;

}
