package dev.backend.discovery.cloud;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

import dev.backend.discovery.DiscoveredInstance;
import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;

/**
 * What an answer says of one service.
 *
 * @param instances the instances
 * @param malformed the number of those that were refused
 * @param problems why they were, for people
 */
record CloudContent(List<DiscoveredInstance> instances, int malformed, Set<String> problems) {

	static final CloudContent NONE = new CloudContent(List.of(), 0, Set.of());

	/**
	 * Maps what a client answers. Instances are the client's objects: what they throw,
	 * but for what says that they are malformed, is thrown.
	 */
	static CloudContent of(String service, List<ServiceInstance> answer) {
		List<DiscoveredInstance> instances = new ArrayList<>();
		Set<String> problems = new LinkedHashSet<>();
		int malformed = 0;
		for (ServiceInstance instance : answer) {
			try {
				instances.add(CloudInstanceMapper.map(service, instance));
			}
			catch (RuntimeException ex) {
				malformed++;
				problems.add(problem(service, instance, ex));
			}
		}
		return new CloudContent(List.copyOf(instances), malformed, Set.copyOf(problems));
	}

	boolean isEmpty() {
		return this.instances.isEmpty() && this.malformed == 0;
	}

	/** Whether something of an earlier content is not there any more, or has changed. */
	boolean misses(CloudContent earlier) {
		return !new HashSet<>(this.instances).containsAll(earlier.instances);
	}

	private static String problem(String service, @Nullable ServiceInstance instance, RuntimeException failure) {
		String reason = (failure instanceof IllegalArgumentException) ? String.valueOf(failure.getMessage())
				: failure.getClass().getSimpleName();
		return "'%s' of service '%s': %s".formatted(CloudFailure.printable(id(instance)),
				CloudFailure.printable(service), reason);
	}

	private static String id(@Nullable ServiceInstance instance) {
		try {
			return (instance != null) ? String.valueOf(instance.getInstanceId()) : "null";
		}
		catch (RuntimeException ex) {
			return "?";
		}
	}

}
