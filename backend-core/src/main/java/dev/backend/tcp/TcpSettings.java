package dev.backend.tcp;

import dev.backend.RemovalMode;

/**
 * The settings of a {@link TcpBackend}.
 *
 * @param limits the bounds
 * @param timings the intervals and time-outs
 * @param removal what happens to instances that discovery does not list any more
 */
public record TcpSettings(TcpLimits limits, TcpTimings timings, RemovalMode removal) {

	/**
	 * Returns the defaults: {@link TcpLimits#defaults()}, {@link TcpTimings#defaults()},
	 * {@link RemovalMode#ON_DISCONNECT}.
	 * @return the defaults
	 */
	public static TcpSettings defaults() {
		return new TcpSettings(TcpLimits.defaults(), TcpTimings.defaults(), RemovalMode.ON_DISCONNECT);
	}

	/**
	 * Returns these settings with other bounds.
	 * @param limits the bounds
	 * @return the changed copy
	 */
	public TcpSettings withLimits(TcpLimits limits) {
		return new TcpSettings(limits, this.timings, this.removal);
	}

	/**
	 * Returns these settings with other intervals and time-outs.
	 * @param timings the intervals and time-outs
	 * @return the changed copy
	 */
	public TcpSettings withTimings(TcpTimings timings) {
		return new TcpSettings(this.limits, timings, this.removal);
	}

	/**
	 * Returns these settings with another removal mode.
	 * @param removal the mode
	 * @return the changed copy
	 */
	public TcpSettings withRemoval(RemovalMode removal) {
		return new TcpSettings(this.limits, this.timings, removal);
	}

}
