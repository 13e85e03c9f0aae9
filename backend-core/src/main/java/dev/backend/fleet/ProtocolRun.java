package dev.backend.fleet;

import java.time.Duration;
import java.util.Set;

/**
 * What a protocol brings to one run of a backend, from a start to the stop: its groups,
 * its services, and the event loops that these run on.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
public interface ProtocolRun<S extends FleetService, G extends ServiceGroup<S>> extends FleetProtocol<S, G> {

	/**
	 * Returns how long pending requests may take when the backend is stopped.
	 * @return the present time-out
	 */
	Duration drainTimeout();

	/**
	 * Returns how often every service is told of a {@linkplain FleetService#tick() tick}.
	 * @return the time between two, zero for never
	 */
	Duration tickInterval();

	/**
	 * Takes note of the service names that have instances, so that what is kept of others
	 * can be forgotten. Called every few seconds by the control thread.
	 * @param names the names
	 */
	void retain(Set<String> names);

	/**
	 * Returns whether the caller is on one of the event loops.
	 * @return whether it must not wait for them
	 */
	boolean ownsCurrentThread();

	/**
	 * Ends the event loops, or leaves them to the other backends that have them, and
	 * waits for what this one has on them.
	 * @param channelsOpen whether there may be open channels; if a loop has no quiet
	 * period and is asked to end while it runs tasks, Netty leaves its channels open
	 * @param timeout the longest time that the loops may take
	 */
	void close(boolean channelsOpen, Duration timeout);

}
