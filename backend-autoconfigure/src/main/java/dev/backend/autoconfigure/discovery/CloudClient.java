package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;

/**
 * A discovery client of Spring Cloud, blocking or reactive. Its answers are waited for,
 * on a thread that may wait; what it throws is an error of the registry.
 */
interface CloudClient {

	/**
	 * Returns what the client is, for people.
	 * @return the client's own description
	 */
	String description();

	/**
	 * Asks for the names of all services.
	 * @return the names
	 */
	@Nullable List<String> services();

	/**
	 * Asks for the instances of a service.
	 * @param service the name
	 * @return the instances
	 */
	@Nullable List<ServiceInstance> instances(String service);

	static CloudClient of(DiscoveryClient client) {
		return new CloudClient() {

			@Override
			public String description() {
				return client.description();
			}

			@Override
			public @Nullable List<String> services() {
				return client.getServices();
			}

			@Override
			public @Nullable List<ServiceInstance> instances(String service) {
				return client.getInstances(service);
			}

		};
	}

	/**
	 * Adapts a reactive client. Unlike a blocking one, it can be made to give up.
	 * @param client the client
	 * @param timeout the time that an answer may take
	 * @return the client
	 */
	static CloudClient of(ReactiveDiscoveryClient client, Duration timeout) {
		return new CloudClient() {

			@Override
			public String description() {
				return client.description();
			}

			@Override
			public @Nullable List<String> services() {
				return client.getServices().collectList().timeout(timeout).block();
			}

			@Override
			public @Nullable List<ServiceInstance> instances(String service) {
				return client.getInstances(service).collectList().timeout(timeout).block();
			}

		};
	}

}
