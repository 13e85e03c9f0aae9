package dev.backend.http;

import java.util.concurrent.atomic.LongAdder;

/**
 * What happened to the instances of one service name, as counts since the backend
 * started, or since the name came back after more than an hour. Safe for use by any
 * thread.
 */
public final class HttpCounters {

	final LongAdder succeededProbes = new LongAdder();

	final LongAdder failedProbes = new LongAdder();

	final LongAdder ups = new LongAdder();

	final LongAdder downs = new LongAdder();

	HttpCounters() {
	}

	/**
	 * Returns how many probes succeeded.
	 * @return the count
	 */
	public long succeededProbes() {
		return this.succeededProbes.sum();
	}

	/**
	 * Returns how many probes failed.
	 * @return the count
	 */
	public long failedProbes() {
		return this.failedProbes.sum();
	}

	/**
	 * Returns how often an instance came to be up.
	 * @return the count
	 */
	public long ups() {
		return this.ups.sum();
	}

	/**
	 * Returns how often an instance ceased to be up, for whatever reason.
	 * @return the count
	 */
	public long downs() {
		return this.downs.sum();
	}

}
