package dev.backend.autoconfigure.tcp;

import dev.backend.tcp.TcpInstrumentation;

/**
 * An instrumentation that some fleets are to have and others are not. Beans of any other
 * {@link TcpInstrumentation} are those of every fleet.
 */
public interface TcpFleetInstrumentation extends TcpInstrumentation {

	/**
	 * Returns whether the backend of a fleet is to have this instrumentation. Asked once,
	 * before the backend is built.
	 * @param properties the properties of the fleet; those above all fleets for a builder
	 * that the application uses itself
	 * @return whether it is asked to instrument
	 */
	boolean appliesTo(TcpBackendProperties properties);

}
