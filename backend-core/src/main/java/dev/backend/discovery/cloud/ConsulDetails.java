package dev.backend.discovery.cloud;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.consul.discovery.ConsulServiceInstance;
import org.springframework.cloud.consul.model.http.health.HealthService;
import org.springframework.util.ClassUtils;

/**
 * What an instance of Spring Cloud Consul says beyond what all instances do. Its type may
 * be absent.
 */
final class ConsulDetails {

	private static final boolean PRESENT = ClassUtils.isPresent(
			"org.springframework.cloud.consul.discovery.ConsulServiceInstance", ConsulDetails.class.getClassLoader());

	private ConsulDetails() {
	}

	/**
	 * Returns the tags of an instance.
	 * @param instance the instance
	 * @return the tags, or {@code null} if it is of another registry
	 */
	static @Nullable List<String> tags(ServiceInstance instance) {
		return PRESENT ? Consul.tags(instance) : null;
	}

	/**
	 * Returns the name of the node on which an instance's id is unique.
	 * @param instance the instance
	 * @return the name, or {@code null} if it is not known, or of another registry
	 */
	static @Nullable String node(ServiceInstance instance) {
		return PRESENT ? Consul.node(instance) : null;
	}

	/**
	 * Loaded only where Spring Cloud Consul is.
	 */
	private static final class Consul {

		static @Nullable List<String> tags(ServiceInstance instance) {
			return (instance instanceof ConsulServiceInstance consul) ? consul.getTags() : null;
		}

		static @Nullable String node(ServiceInstance instance) {
			HealthService health = (instance instanceof ConsulServiceInstance consul) ? consul.getHealthService()
					: null;
			return (health != null && health.getNode() != null) ? health.getNode().getNode() : null;
		}

	}

}
