package dev.backend.discovery.cloud;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.util.StringUtils;

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
	 * Maps what a client answers. Instances are the client's objects: an error that they
	 * throw, such as that of a missing class, says nothing of one of them, and is thrown.
	 *
	 * <p>
	 * In Consul an id is unique on its node only: ids that several nodes have in the
	 * answer all become {@code id@node}, as {@code dev.backend.discovery.consul} has
	 * them, so that all gateways agree.
	 */
	static CloudContent of(String service, List<ServiceInstance> answer) {
		List<Mapped> mapped = new ArrayList<>();
		Map<String, Integer> ids = new HashMap<>();
		Set<String> problems = new LinkedHashSet<>();
		int malformed = 0;
		for (ServiceInstance instance : answer) {
			try {
				Mapped next = new Mapped(CloudInstanceMapper.map(service, instance), ConsulDetails.node(instance));
				mapped.add(next);
				ids.merge(next.normalId(), 1, Integer::sum);
			}
			catch (RuntimeException ex) {
				malformed++;
				problems.add(problem(service, instance, ex));
			}
		}
		List<DiscoveredInstance> instances = mapped.stream()
			.map((one) -> (ids.getOrDefault(one.normalId(), 0) > 1) ? one.onItsNode() : one.instance())
			.toList();
		return new CloudContent(instances, malformed, Set.copyOf(problems));
	}

	boolean isEmpty() {
		return this.instances.isEmpty() && this.malformed == 0;
	}

	/** Whether something of an earlier content is not there any more, or has changed. */
	boolean misses(CloudContent earlier) {
		return !new HashSet<>(this.instances).containsAll(earlier.instances);
	}

	private static String problem(String service, @Nullable ServiceInstance instance, RuntimeException failure) {
		String reason = (failure instanceof IllegalArgumentException)
				? CloudFailure.printable(String.valueOf(failure.getMessage())) : failure.getClass().getSimpleName();
		return "'%s' of service '%s': %s".formatted(CloudFailure.printable(label(instance)),
				CloudFailure.printable(service), reason);
	}

	private static String label(@Nullable ServiceInstance instance) {
		if (instance == null) {
			return "null";
		}
		try {
			String id = instance.getInstanceId();
			return StringUtils.hasText(id) ? id : instance.getHost() + ":" + instance.getPort();
		}
		catch (RuntimeException ex) {
			return "?";
		}
	}

	/**
	 * An instance and where it is.
	 *
	 * @param instance the instance, with the id that the client says
	 * @param node the node on which the id is unique, or {@code null} if it is so anyway
	 */
	private record Mapped(DiscoveredInstance instance, @Nullable String node) {

		/** As it is compared by everyone who reads the snapshot. */
		String normalId() {
			return ServiceConfig.normalize(this.instance.id());
		}

		/** A node's name may be any text: encoded, it is a part of an id. */
		DiscoveredInstance onItsNode() {
			if (!StringUtils.hasText(this.node)) {
				return this.instance;
			}
			String id = this.instance.id() + "@" + URLEncoder.encode(this.node, StandardCharsets.UTF_8);
			return new DiscoveredInstance(this.instance.name(), id, this.instance.scheme(), this.instance.address(),
					this.instance.port(), this.instance.tags(), this.instance.metadata());
		}

	}

}
