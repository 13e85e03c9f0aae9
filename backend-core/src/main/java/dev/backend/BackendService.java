package dev.backend;

/**
 * One instance of a service as its backend knows it, whatever the protocol. Safe for use
 * by any thread. An instance may vanish from discovery at any moment; whoever still holds
 * it reads its last state, and its sends are refused.
 */
public interface BackendService {

	/**
	 * Returns the latest configuration from discovery.
	 * @return the configuration
	 */
	ServiceConfig config();

	/**
	 * Returns the service name, in normal form.
	 * @return the name that groups instances
	 */
	default String name() {
		return config().name();
	}

	/**
	 * Returns the id of the instance, in normal form.
	 * @return the id, unique within the {@link #name() name}
	 */
	default String id() {
		return config().id();
	}

	/**
	 * Returns the name of the backend to which this instance belongs, and by which
	 * several fleets are told apart. Where Spring Boot made the backend, that is the name
	 * of its bean.
	 * @return the name, such as {@code gameTcpBackend}
	 */
	String backend();

	/**
	 * Returns whether the instance may be chosen now.
	 * @return the availability
	 */
	Availability availability();

	/**
	 * Returns the user's object for this instance. It is made by the
	 * {@link ServiceInfoFactory} when the instance appears and is kept across reconnects
	 * and a change of address.
	 * @param <T> the type of the object
	 * @param type the type of the object
	 * @return the object
	 * @throws IllegalStateException if there is no object or it is of another type
	 */
	<T> T info(Class<T> type);

}
