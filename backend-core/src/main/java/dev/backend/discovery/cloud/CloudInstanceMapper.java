package dev.backend.discovery.cloud;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.util.StringUtils;

/**
 * Maps an instance of Spring Cloud to what every source says of one.
 *
 * <p>
 * Spring Cloud knows of http and https only, and says http of whatever is not secure. So
 * the metadata {@value #METADATA_SCHEME} wins, then the instance's own scheme, then
 * whether it is secure; http and https have their ports by default. Raw tags are those of
 * the instance's own type, see {@link ConsulDetails}, and else what a client put into the
 * metadata {@value #METADATA_TAGS}, separated by commas or blanks.
 */
final class CloudInstanceMapper {

	static final String METADATA_SCHEME = "scheme";

	static final String METADATA_TAGS = "tags";

	private CloudInstanceMapper() {
	}

	/**
	 * Maps an instance. Its name is the one that was asked for: what it says itself may
	 * be written in another way, and is no other service.
	 * @param service the service that was asked for
	 * @param instance what the client says
	 * @return the instance
	 * @throws IllegalArgumentException if it is malformed in a way that the rules for
	 * entries do not see; the message shows none of the metadata
	 */
	static DiscoveredInstance map(String service, @Nullable ServiceInstance instance) {
		if (instance == null) {
			throw new IllegalArgumentException("null (expected: an instance)");
		}
		String address = address(instance.getHost());
		Map<String, String> metadata = metadata(instance.getMetadata());
		String scheme = scheme(instance, metadata);
		int port = port(instance, scheme);
		String id = instance.getInstanceId();
		return new DiscoveredInstance(service, StringUtils.hasText(id) ? id : address + ":" + port, scheme, address,
				port, tags(instance, metadata), metadata);
	}

	/**
	 * An instance without a port has that of its scheme, as
	 * {@link ServiceInstance#createUri}.
	 */
	private static int port(ServiceInstance instance, String scheme) {
		int port = instance.getPort();
		if (port <= 0) {
			port = switch (ServiceConfig.normalize(scheme)) {
				case "https" -> 443;
				case "http", "" -> 80;
				default -> port;
			};
		}
		return port;
	}

	private static String scheme(ServiceInstance instance, Map<String, String> metadata) {
		for (String scheme : Arrays.asList(metadata.get(METADATA_SCHEME), instance.getScheme())) {
			if (StringUtils.hasText(scheme)) {
				return scheme.strip();
			}
		}
		return instance.isSecure() ? "https" : "";
	}

	/** An address of IPv6 may stand in brackets, as {@link java.net.URI} writes it. */
	private static String address(@Nullable String host) {
		if (!StringUtils.hasText(host)) {
			throw new IllegalArgumentException("address: none (expected: a host name or an IP address)");
		}
		return (host.startsWith("[") && host.endsWith("]")) ? host.substring(1, host.length() - 1) : host;
	}

	private static Map<String, String> metadata(@Nullable Map<String, String> pairs) {
		Map<String, String> metadata = new LinkedHashMap<>();
		if (pairs != null) {
			pairs.forEach((key, value) -> {
				if (key != null && value != null) {
					metadata.put(key, value);
				}
			});
		}
		return metadata;
	}

	private static List<String> tags(ServiceInstance instance, Map<String, String> metadata) {
		List<String> own = ConsulDetails.tags(instance);
		return (own != null) ? own.stream().filter(StringUtils::hasText).toList() : tags(metadata.get(METADATA_TAGS));
	}

	private static List<String> tags(@Nullable String text) {
		return StringUtils.hasText(text) ? Arrays.stream(text.split("[\\s,]+")).filter((tag) -> !tag.isEmpty()).toList()
				: List.of();
	}

}
