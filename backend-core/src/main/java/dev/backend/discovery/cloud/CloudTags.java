package dev.backend.discovery.cloud;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.consul.discovery.ConsulServiceInstance;
import org.springframework.util.ClassUtils;

/**
 * Raw tags of instances whose client has them in a type of its own, which may be absent.
 */
final class CloudTags {

	private static final boolean CONSUL = ClassUtils.isPresent(
			"org.springframework.cloud.consul.discovery.ConsulServiceInstance", CloudTags.class.getClassLoader());

	private CloudTags() {
	}

	/**
	 * Returns the tags that a type of the client says.
	 * @param instance the instance
	 * @return the tags, or {@code null} if its type has none
	 */
	static @Nullable List<String> of(ServiceInstance instance) {
		return CONSUL ? Consul.tags(instance) : null;
	}

	/**
	 * Loaded only where Spring Cloud Consul is.
	 */
	private static final class Consul {

		static @Nullable List<String> tags(ServiceInstance instance) {
			return (instance instanceof ConsulServiceInstance consul) ? consul.getTags() : null;
		}

	}

}
