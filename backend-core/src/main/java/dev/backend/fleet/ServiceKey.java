package dev.backend.fleet;

import dev.backend.ServiceConfig;

/**
 * What identifies a service within a backend.
 */
record ServiceKey(String name, String id) {

	static ServiceKey of(ServiceConfig config) {
		return new ServiceKey(config.name(), config.id());
	}

}
