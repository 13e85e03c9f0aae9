package dev.backend.discovery;

import java.util.Arrays;
import java.util.Collection;
import java.util.Set;

import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * Decides which entries of a registry belong to a backend and what service each becomes.
 * Called on the backend's control thread for each entry that is new or has changed; must
 * be quick, free of side effects, and depend on nothing but the entry. What it throws is
 * reported and leaves only that entry out.
 */
@FunctionalInterface
public interface InstanceFilter {

	/** The metadata key that names the service, where the registry's name does not. */
	String METADATA_SERVICE_NAME = "serviceName";

	/** The metadata key of the instance's id. */
	String METADATA_SERVICE_ID = "serviceId";

	/** The metadata key of the instance's id that is looked at second. */
	String METADATA_NODE_ID = "nodeId";

	/** The metadata key of the routing tags, separated by blanks or commas. */
	String METADATA_ROUTER_TAG = "routerTag";

	/**
	 * Maps an entry to a service.
	 * @param instance the entry
	 * @return the service, or {@code null} if the entry does not belong to the backend
	 * @throws IllegalArgumentException if the entry is malformed
	 */
	@Nullable ServiceConfig map(DiscoveredInstance instance);

	/**
	 * Returns a filter that takes of what this one takes only services with one of some
	 * schemes.
	 * @param schemes the schemes, in lower case
	 * @return the narrower filter
	 */
	default InstanceFilter limitedTo(Collection<String> schemes) {
		Set<String> accepted = Set.copyOf(schemes);
		return (instance) -> {
			ServiceConfig config = map(instance);
			return (config != null && accepted.contains(config.scheme())) ? config : null;
		};
	}

	/**
	 * Returns a filter that takes of what this one takes only services with none of some
	 * schemes.
	 * @param schemes the schemes, in lower case
	 * @return the narrower filter
	 */
	default InstanceFilter exceptFor(Collection<String> schemes) {
		Set<String> refused = Set.copyOf(schemes);
		return (instance) -> {
			ServiceConfig config = map(instance);
			return (config != null && !refused.contains(config.scheme())) ? config : null;
		};
	}

	/**
	 * Returns the default filter: takes the entries of the given schemes; name and id
	 * come from the metadata where they are there, else from the registry; tags come from
	 * the metadata {@value #METADATA_ROUTER_TAG}.
	 * @param schemes the schemes of the backend, in lower case
	 * @return the filter
	 */
	static InstanceFilter forSchemes(Collection<String> schemes) {
		Set<String> accepted = Set.copyOf(schemes);
		return (instance) -> {
			String scheme = ServiceConfig.normalize(instance.scheme());
			if (scheme.isEmpty()) {
				scheme = ServiceConfig.SCHEME_HTTP;
			}
			if (!accepted.contains(scheme)) {
				return null;
			}
			String name = firstText(instance.metadata().get(METADATA_SERVICE_NAME), instance.name());
			String id = firstText(instance.metadata().get(METADATA_SERVICE_ID),
					firstText(instance.metadata().get(METADATA_NODE_ID), instance.id()));
			return new ServiceConfig(name, id, scheme, instance.address(), instance.port(), routingTags(instance),
					instance.metadata());
		};
	}

	/**
	 * Returns the routing tags that the default filter takes of an entry.
	 * @param instance the entry
	 * @return the tags of the metadata {@value #METADATA_ROUTER_TAG}, as they are spelt
	 */
	static Set<String> routingTags(DiscoveredInstance instance) {
		String text = instance.metadata().get(METADATA_ROUTER_TAG);
		return (text == null || text.isBlank()) ? Set.of() : Set.copyOf(Arrays.asList(text.strip().split("[\\s,]+")));
	}

	private static String firstText(@Nullable String preferred, String otherwise) {
		return (preferred != null && !ServiceConfig.normalize(preferred).isEmpty()) ? preferred : otherwise;
	}

}
