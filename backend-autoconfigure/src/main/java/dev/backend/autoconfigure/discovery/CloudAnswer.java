package dev.backend.autoconfigure.discovery;

import java.util.List;
import java.util.Map;

import org.springframework.cloud.client.ServiceInstance;

/**
 * What one complete read of a discovery client found.
 *
 * @param services the instances of each service that was asked for
 * @param listsNothing whether there is no instance and the client does not know of any
 * service either
 */
record CloudAnswer(Map<String, List<ServiceInstance>> services, boolean listsNothing) {

	boolean hasInstances() {
		return this.services.values().stream().anyMatch((instances) -> !instances.isEmpty());
	}

}
