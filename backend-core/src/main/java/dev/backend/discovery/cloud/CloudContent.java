package dev.backend.discovery.cloud;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.FailureText;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceEntry;
import dev.backend.discovery.LeftOut;
import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.util.StringUtils;

/**
 * What an answer says of one service.
 *
 * @param entries the instances, and those that are malformed
 * @param repeated how many more there were that say the same as one of these
 * @param registeredAt when those instances were registered of which that is known, by
 * their keys
 */
record CloudContent(List<InstanceEntry> entries, int repeated, Map<Object, Long> registeredAt) {

	static final CloudContent NONE = new CloudContent(List.of(), 0, Map.of());

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
		List<String> problems = new ArrayList<>();
		for (ServiceInstance instance : answer) {
			try {
				Mapped next = new Mapped(CloudInstanceMapper.map(service, instance), ConsulDetails.node(instance),
						EurekaDetails.registeredAt(instance));
				mapped.add(next);
				ids.merge(next.normalId(), 1, Integer::sum);
			}
			catch (RuntimeException ex) {
				problems.add(problem(service, instance, ex));
			}
		}
		Map<Object, InstanceEntry> entries = new LinkedHashMap<>();
		Map<Object, Long> registeredAt = new HashMap<>();
		for (Mapped one : mapped) {
			DiscoveredInstance instance = (ids.getOrDefault(one.normalId(), 0) > 1) ? one.onItsNode() : one.instance();
			Key key = new Key(instance.id(), instance.address(), instance.port());
			entries.putIfAbsent(key, InstanceEntry.of(key, instance));
			if (one.registeredAt() != null) {
				registeredAt.putIfAbsent(key, one.registeredAt());
			}
		}
		int repeated = mapped.size() - entries.size();
		// Some clients shuffle: the same ones must have the same keys as before.
		problems.sort(null);
		for (int i = 0; i < problems.size(); i++) {
			Key key = new Key("", "", i);
			entries.put(key, InstanceEntry.leftOut(key, LeftOut.MALFORMED, problems.get(i)));
		}
		return new CloudContent(List.copyOf(entries.values()), repeated, Map.copyOf(registeredAt));
	}

	/** Whether there is neither an instance nor one that is malformed. */
	boolean isEmpty() {
		return this.entries.isEmpty();
	}

	/** Whether an instance has registered again since an earlier answer. */
	boolean registeredAgain(CloudContent earlier) {
		long again = this.registeredAt.entrySet()
			.stream()
			.filter((entry) -> !entry.getValue()
				.equals(earlier.registeredAt.getOrDefault(entry.getKey(), entry.getValue())))
			.count();
		return again * 2 > this.registeredAt.size();
	}

	/** What is left out beside the entries. */
	InstanceCounts more() {
		return InstanceCounts.NONE.withLeftOut(LeftOut.DUPLICATE, this.repeated);
	}

	private static String problem(String service, @Nullable ServiceInstance instance, RuntimeException failure) {
		String reason = (failure instanceof IllegalArgumentException) ? String.valueOf(failure.getMessage())
				: failure.getClass().getSimpleName();
		return "%s/%s: %s".formatted(FailureText.printable(service), FailureText.printable(label(instance)),
				FailureText.printable(reason));
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
	 * What makes an instance the same one as before.
	 *
	 * @param id the id
	 * @param address the address
	 * @param port the port; of what is malformed, its place
	 */
	private record Key(String id, String address, int port) {
	}

	/**
	 * An instance and where it is.
	 *
	 * @param instance the instance, with the id that the client says
	 * @param node the node on which the id is unique, or {@code null} if it is so anyway
	 * @param registeredAt when it was registered, or {@code null} if that is not known
	 */
	private record Mapped(DiscoveredInstance instance, @Nullable String node, @Nullable Long registeredAt) {

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
