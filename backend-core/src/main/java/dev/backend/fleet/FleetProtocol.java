package dev.backend.fleet;

import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * What a protocol brings to a fleet. Called on the control thread.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
public interface FleetProtocol<S extends FleetService, G extends ServiceGroup<S>> {

	/**
	 * Makes the group of a service name.
	 * @param name the name, in normal form
	 * @return the group, empty
	 */
	G newGroup(String name);

	/**
	 * Makes the service of an instance, not started.
	 * @param group its group
	 * @param config the instance
	 * @param info the user's object for it, or {@code null}
	 * @return the service
	 */
	S newService(G group, ServiceConfig config, @Nullable Object info);

	/**
	 * Returns what happens to instances that discovery does not list any more.
	 * @return the present mode
	 */
	RemovalMode removalMode();

}
