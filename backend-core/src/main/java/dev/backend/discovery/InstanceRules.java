package dev.backend.discovery;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.backend.ServiceConfig;
import dev.backend.settings.SettingChecks;
import org.jspecify.annotations.Nullable;

/**
 * What an entry of a registry must be like to be used, whatever the registry: nothing
 * that an outsider writes may cost more than itself. Immutable.
 *
 * @param maximumInstances the most entries that are taken from one source, 1 to 100,000;
 * those that are known stay
 * @param maximumTags the most tags of an instance, 0 to 1,000: those of the registry, and
 * as many routing tags
 * @param maximumMetadata the most characters that the metadata of an instance have, keys
 * and values together, 0 to 1,000,000
 * @param allowed which of the others may be used; all of these rules must allow one
 */
public record InstanceRules(int maximumInstances, int maximumTags, int maximumMetadata, List<InstanceRule> allowed) {

	private static final int MAXIMUM_LENGTH = 255;

	/** The unspecified addresses, those of multicast, and that of broadcast. */
	private static final Pattern NO_HOST = Pattern
		.compile("0\\.0\\.0\\.0|255\\.255\\.255\\.255|2(2[4-9]|3\\d)(\\.\\d+){3}|\\[?[0:]+]?|(?i)\\[?ff[0-9a-f]{2}:.*");

	/**
	 * Checks the bounds.
	 * @throws IllegalArgumentException if one is out of its range; the message names it
	 */
	public InstanceRules {
		SettingChecks.inRange("maximumInstances", maximumInstances, 1, 100_000);
		SettingChecks.inRange("maximumTags", maximumTags, 0, 1000);
		SettingChecks.inRange("maximumMetadata", maximumMetadata, 0, 1_000_000);
		allowed = List.copyOf(allowed);
	}

	/**
	 * Returns the defaults: 10,000 instances, 100 tags, 8,192 characters of metadata, all
	 * addresses and ports.
	 * @return the defaults
	 */
	public static InstanceRules defaults() {
		return new InstanceRules(10_000, 100, 8192, List.of());
	}

	/**
	 * Returns these rules with another bound on the entries of one source.
	 * @param maximumInstances the most entries, 1 to 100,000
	 * @return the changed copy
	 * @throws IllegalArgumentException if the number is out of its range
	 */
	public InstanceRules withMaximumInstances(int maximumInstances) {
		return new InstanceRules(maximumInstances, this.maximumTags, this.maximumMetadata, this.allowed);
	}

	/**
	 * Returns these rules with another bound on tags.
	 * @param maximumTags the most tags of an instance, 0 to 1,000
	 * @return the changed copy
	 * @throws IllegalArgumentException if the number is out of its range
	 */
	public InstanceRules withMaximumTags(int maximumTags) {
		return new InstanceRules(this.maximumInstances, maximumTags, this.maximumMetadata, this.allowed);
	}

	/**
	 * Returns these rules with another bound on metadata.
	 * @param maximumMetadata the most characters, 0 to 1,000,000
	 * @return the changed copy
	 * @throws IllegalArgumentException if the number is out of its range
	 */
	public InstanceRules withMaximumMetadata(int maximumMetadata) {
		return new InstanceRules(this.maximumInstances, this.maximumTags, maximumMetadata, this.allowed);
	}

	/**
	 * Returns these rules with others of what is allowed.
	 * @param allowed the rules, all of which must allow an instance
	 * @return the changed copy
	 */
	public InstanceRules withAllowed(InstanceRule... allowed) {
		return new InstanceRules(this.maximumInstances, this.maximumTags, this.maximumMetadata, List.of(allowed));
	}

	/**
	 * Returns these rules with what others allow as well: both must allow an instance.
	 * @param others the others, whose bounds are not used
	 * @return the changed copy, or these rules if they have that already
	 */
	public InstanceRules limitedBy(InstanceRules others) {
		if (this.allowed.containsAll(others.allowed)) {
			return this;
		}
		List<InstanceRule> both = Stream.concat(this.allowed.stream(), others.allowed.stream()).distinct().toList();
		return new InstanceRules(this.maximumInstances, this.maximumTags, this.maximumMetadata, both);
	}

	/**
	 * Returns whether an instance is used.
	 * @param instance the instance
	 * @return whether it is as it must be
	 */
	public boolean allow(DiscoveredInstance instance) {
		return refusal(instance) == null;
	}

	/**
	 * Returns why an instance is left out.
	 * @param instance the instance
	 * @return why, or {@code null} if it is used
	 */
	@Nullable Refusal refusal(DiscoveredInstance instance) {
		String malformed = malformed(instance);
		if (malformed != null) {
			return new Refusal(LeftOut.MALFORMED, malformed);
		}
		for (InstanceRule rule : this.allowed) {
			String reason = rule.refusal(instance);
			if (reason != null) {
				return new Refusal(LeftOut.NOT_ALLOWED, reason);
			}
		}
		return null;
	}

	private @Nullable String malformed(DiscoveredInstance instance) {
		Set<String> routingTags = InstanceFilter.routingTags(instance);
		int tags = Math.max(instance.tags().size(), routingTags.size());
		if (tags > this.maximumTags) {
			return "%d tags (expected: at most %d)".formatted(tags, this.maximumTags);
		}
		for (String tag : concat(instance.tags(), routingTags)) {
			if (tag.length() > MAXIMUM_LENGTH) {
				return "a tag of %d characters (expected: at most %d)".formatted(tag.length(), MAXIMUM_LENGTH);
			}
		}
		int metadata = 0;
		for (Map.Entry<String, String> entry : instance.metadata().entrySet()) {
			metadata += entry.getKey().length() + entry.getValue().length();
		}
		if (metadata > this.maximumMetadata) {
			return "metadata of %d characters (expected: at most %d)".formatted(metadata, this.maximumMetadata);
		}
		try {
			requireHost(instance.address());
			new ServiceConfig(instance.name(), instance.id(), instance.scheme(), instance.address(), instance.port(),
					routingTags, instance.metadata());
			return null;
		}
		catch (IllegalArgumentException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	/** Whoever connects to such an address reaches this host, or nobody. */
	private static void requireHost(String address) {
		if (NO_HOST.matcher(address).matches()) {
			throw new IllegalArgumentException("address: '%s' (expected: that of a host)".formatted(address));
		}
	}

	private static Iterable<String> concat(Collection<String> some, Collection<String> others) {
		return Stream.concat(some.stream(), others.stream())::iterator;
	}

	/**
	 * Why an entry is left out.
	 *
	 * @param reason the kind of reason
	 * @param text the reason, for people
	 */
	record Refusal(LeftOut reason, String text) {
	}

}
