package dev.backend.autoconfigure.fleet;

import java.time.Duration;
import java.util.Set;

/**
 * The properties of a fleet, whatever its protocol.
 */
public interface FleetProperties {

	/**
	 * Returns whether the fleet is there.
	 * @return whether it has a backend
	 */
	boolean enabled();

	/**
	 * Returns which services belong to the fleet.
	 * @return names, and patterns in which {@code *} stands for any characters; empty for
	 * all
	 */
	Set<String> services();

	/**
	 * Returns how long the start waits for the fleet.
	 * @return the longest time; zero if it does not wait
	 */
	Duration awaitReady();

}
