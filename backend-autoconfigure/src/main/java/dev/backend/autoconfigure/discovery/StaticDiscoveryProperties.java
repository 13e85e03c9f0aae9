package dev.backend.autoconfigure.discovery;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceFilter;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Instances that are written down in the properties. Read at start.
 *
 * @param services Instances by the name of their service.
 */
@ConfigurationProperties("backend.discovery.static")
public record StaticDiscoveryProperties(@DefaultValue Map<String, List<Instance>> services) {

	static final String SERVICES = "backend.discovery.static.services";

	/**
	 * Returns the instances.
	 * @return the instances, in their order
	 */
	List<DiscoveredInstance> instances() {
		List<DiscoveredInstance> all = new ArrayList<>();
		this.services.forEach((name, instances) -> {
			for (int i = 0; i < instances.size(); i++) {
				all.add(instances.get(i).toDiscovered(name, "%s.%s[%d]".formatted(SERVICES, name, i)));
			}
		});
		return all;
	}

	/**
	 * An instance.
	 *
	 * @param uri Protocol, address and port, such as tcp://10.0.0.5:7001.
	 * @param id Id, unique within the service. The address and port if not set.
	 * @param tags Routing tags.
	 * @param metadata Pairs of the instance, such as its weight.
	 */
	public record Instance(@Nullable URI uri, @Nullable String id, @DefaultValue Set<String> tags,
			@DefaultValue Map<String, String> metadata) {

		DiscoveredInstance toDiscovered(String name, String property) {
			URI uri = (this.uri != null) ? this.uri : URI.create("");
			String shown = (uri.getRawUserInfo() != null) ? "(with user information)" : uri.toString();
			Checks.require(isEndpoint(uri), property + ".uri", shown,
					"protocol, address and port, such as tcp://10.0.0.5:7001");
			Map<String, String> pairs = new LinkedHashMap<>(this.metadata);
			if (!this.tags.isEmpty()) {
				pairs.put(InstanceFilter.METADATA_ROUTER_TAG, String.join(" ", this.tags));
			}
			String address = uri.getHost().replaceAll("[\\[\\]]", "");
			return new DiscoveredInstance(name, (this.id != null) ? this.id : uri.getAuthority(), uri.getScheme(),
					address, uri.getPort(), List.copyOf(this.tags), pairs);
		}

		private static boolean isEndpoint(URI uri) {
			return uri.getScheme() != null && uri.getHost() != null && uri.getPort() >= 1 && uri.getPort() <= 65535
					&& uri.getRawUserInfo() == null && uri.getRawPath().isEmpty();
		}

	}

}
