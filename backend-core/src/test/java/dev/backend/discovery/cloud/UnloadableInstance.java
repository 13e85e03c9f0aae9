package dev.backend.discovery.cloud;

import org.springframework.cloud.client.DefaultServiceInstance;

/**
 * An instance that needs a class that is not there.
 */
final class UnloadableInstance extends DefaultServiceInstance {

	UnloadableInstance() {
		super("u-1", "game", "127.0.0.1", 7001, false);
	}

	@Override
	public String getHost() {
		throw new NoClassDefFoundError("Missing");
	}

}
