package dev.backend.tcp;

import dev.backend.RemovalMode;

/**
 * The settings of a {@link TcpBackend}.
 *
 * @param limits the bounds
 * @param timings the intervals and time-outs of connecting, draining and ticks
 * @param liveness when a silent connection counts as dead
 * @param dispatch in which order messages reach the handler; changed while running, it
 * applies from the next message on
 * @param logging at which level messages are logged
 * @param removal what happens to instances that discovery does not list any more
 */
public record TcpSettings(TcpLimits limits, TcpTimings timings, TcpLiveness liveness, DispatchMode dispatch,
		MessageLogging logging, RemovalMode removal) {

	/**
	 * Returns the defaults: {@link TcpLimits#defaults()}, {@link TcpTimings#defaults()},
	 * {@link TcpLiveness#defaults()}, {@link DispatchMode#ORDERED},
	 * {@link MessageLogging#off()}, {@link RemovalMode#ON_DISCONNECT}.
	 * @return the defaults
	 */
	public static TcpSettings defaults() {
		return new TcpSettings(TcpLimits.defaults(), TcpTimings.defaults(), TcpLiveness.defaults(),
				DispatchMode.ORDERED, MessageLogging.off(), RemovalMode.ON_DISCONNECT);
	}

	/**
	 * Returns these settings with other bounds.
	 * @param limits the bounds
	 * @return the changed copy
	 */
	public TcpSettings withLimits(TcpLimits limits) {
		return new TcpSettings(limits, this.timings, this.liveness, this.dispatch, this.logging, this.removal);
	}

	/**
	 * Returns these settings with other intervals and time-outs.
	 * @param timings the intervals and time-outs
	 * @return the changed copy
	 */
	public TcpSettings withTimings(TcpTimings timings) {
		return new TcpSettings(this.limits, timings, this.liveness, this.dispatch, this.logging, this.removal);
	}

	/**
	 * Returns these settings with other rules for silent connections.
	 * @param liveness the rules
	 * @return the changed copy
	 */
	public TcpSettings withLiveness(TcpLiveness liveness) {
		return new TcpSettings(this.limits, this.timings, liveness, this.dispatch, this.logging, this.removal);
	}

	/**
	 * Returns these settings with another order of messages.
	 * @param dispatch the order
	 * @return the changed copy
	 */
	public TcpSettings withDispatch(DispatchMode dispatch) {
		return new TcpSettings(this.limits, this.timings, this.liveness, dispatch, this.logging, this.removal);
	}

	/**
	 * Returns these settings with other log levels of messages.
	 * @param logging the levels
	 * @return the changed copy
	 */
	public TcpSettings withLogging(MessageLogging logging) {
		return new TcpSettings(this.limits, this.timings, this.liveness, this.dispatch, logging, this.removal);
	}

	/**
	 * Returns these settings with another removal mode.
	 * @param removal the mode
	 * @return the changed copy
	 */
	public TcpSettings withRemoval(RemovalMode removal) {
		return new TcpSettings(this.limits, this.timings, this.liveness, this.dispatch, this.logging, removal);
	}

}
