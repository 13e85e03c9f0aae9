package dev.backend.discovery;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a registry says of one instance, unfiltered and not normalised. Immutable.
 *
 * @param name the registry's name of the service
 * @param id the registry's id of the instance
 * @param scheme the protocol as the registry has it; empty if it says none
 * @param address the host name or IP address
 * @param port the port
 * @param tags the registry's raw tags, in its order
 * @param metadata the registry's pairs
 */
public record DiscoveredInstance(String name, String id, String scheme, String address, int port, List<String> tags,
		Map<String, String> metadata) {

	/** Copies the collections. */
	public DiscoveredInstance {
		Objects.requireNonNull(name, "name");
		Objects.requireNonNull(id, "id");
		Objects.requireNonNull(scheme, "scheme");
		Objects.requireNonNull(address, "address");
		tags = List.copyOf(tags);
		metadata = Map.copyOf(metadata);
	}

}
