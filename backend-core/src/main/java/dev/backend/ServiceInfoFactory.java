package dev.backend;

/**
 * Makes the user's object that every instance carries, read by
 * {@link BackendService#info(Class)}. Called once per instance, on the backend's control
 * thread; must not block.
 */
@FunctionalInterface
public interface ServiceInfoFactory {

	/**
	 * Makes the object of an instance.
	 * @param config the instance as discovered
	 * @return the object; safe for use by several threads if handlers run concurrently
	 */
	Object create(ServiceConfig config);

}
