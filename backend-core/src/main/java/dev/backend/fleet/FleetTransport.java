package dev.backend.fleet;

import java.time.Duration;

/**
 * The event loops of a backend.
 */
public interface FleetTransport {

	/**
	 * Returns whether the caller is on one of the event loops.
	 * @return whether it must not wait for them
	 */
	boolean ownsCurrentThread();

	/**
	 * Ends the event loops and waits for them.
	 * @param channelsOpen whether there may be open channels; if a loop has no quiet
	 * period and is asked to end while it runs tasks, Netty leaves its channels open
	 * @param timeout the longest time that the loops may take
	 */
	void close(boolean channelsOpen, Duration timeout);

}
