package dev.backend.discovery.cloud;

import java.util.AbstractList;

import org.springframework.cloud.client.ServiceInstance;

/**
 * A list that fails only when it is looked into, as lazy ones do.
 */
final class LateList extends AbstractList<ServiceInstance> {

	@Override
	public ServiceInstance get(int index) {
		throw new IllegalStateException("late");
	}

	@Override
	public int size() {
		return 1;
	}

}
