package dev.backend;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One discovered instance of a service, in normal form: name, id, scheme and tags are
 * trimmed and lower-cased, the address is left as it is, but for the brackets that an
 * IPv6 address may have. Immutable.
 *
 * @param name the service name, which groups instances; not blank
 * @param id the id of the instance, unique within its name; not blank
 * @param scheme the protocol, such as {@code tcp} or {@code http}; {@code http} where the
 * registry says none
 * @param address the host name or IP address to connect to; not blank
 * @param port the port to connect to, 1 to 65535
 * @param tags the routing tags; empty if none
 * @param metadata further pairs from the registry, as they are there
 */
public record ServiceConfig(String name, String id, String scheme, String address, int port, Set<String> tags,
		Map<String, String> metadata) {

	/** The scheme of instances that are reached over plain or secured TCP. */
	public static final String SCHEME_TCP = "tcp";

	/** The scheme of HTTP instances, and of those whose registry entry has none. */
	public static final String SCHEME_HTTP = "http";

	/** The metadata key of the instance's share of a ring: a decimal number. */
	public static final String METADATA_WEIGHT = "weight";

	/**
	 * Normalises and checks the parts.
	 * @throws IllegalArgumentException if a part is outside its documented range; the
	 * message names the part, its value and what was expected
	 */
	public ServiceConfig {
		name = requireText("name", normalize(name));
		id = requireText("id", normalize(id));
		scheme = normalize(scheme);
		scheme = scheme.isEmpty() ? SCHEME_HTTP : requireText("scheme", scheme);
		address = requireText("address", withoutBrackets(address));
		if (port < 1 || port > 65535) {
			throw new IllegalArgumentException("port of %s/%s: %d (expected: 1 to 65535)".formatted(name, id, port));
		}
		tags = tags.stream()
			.map(ServiceConfig::normalize)
			.filter((tag) -> !tag.isEmpty())
			.collect(Collectors.toUnmodifiableSet());
		metadata = Map.copyOf(metadata);
	}

	/**
	 * Returns a TCP instance without tags and metadata.
	 * @param name the service name
	 * @param id the instance's id
	 * @param address the host name or IP address
	 * @param port the port
	 * @return the instance
	 */
	public static ServiceConfig tcp(String name, String id, String address, int port) {
		return new ServiceConfig(name, id, SCHEME_TCP, address, port, Set.of(), Map.of());
	}

	/**
	 * Returns a HTTP instance without tags and metadata.
	 * @param name the service name
	 * @param id the instance's id
	 * @param address the host name or IP address
	 * @param port the port
	 * @return the instance
	 */
	public static ServiceConfig http(String name, String id, String address, int port) {
		return new ServiceConfig(name, id, SCHEME_HTTP, address, port, Set.of(), Map.of());
	}

	/**
	 * Returns this instance with other routing tags.
	 * @param tags the tags, which replace the present ones
	 * @return the changed copy
	 */
	public ServiceConfig withTags(String... tags) {
		return withTags(Set.of(tags));
	}

	/**
	 * Returns this instance with other routing tags.
	 * @param tags the tags, which replace the present ones
	 * @return the changed copy
	 */
	public ServiceConfig withTags(Collection<String> tags) {
		return new ServiceConfig(this.name, this.id, this.scheme, this.address, this.port, Set.copyOf(tags),
				this.metadata);
	}

	/**
	 * Returns this instance at another place.
	 * @param address the host name or IP address
	 * @param port the port
	 * @return the changed copy
	 */
	public ServiceConfig withAddress(String address, int port) {
		return new ServiceConfig(this.name, this.id, this.scheme, address, port, this.tags, this.metadata);
	}

	/**
	 * Returns this instance with other metadata.
	 * @param metadata the pairs, which replace the present ones
	 * @return the changed copy
	 */
	public ServiceConfig withMetadata(Map<String, String> metadata) {
		return new ServiceConfig(this.name, this.id, this.scheme, this.address, this.port, this.tags, metadata);
	}

	/**
	 * Returns whether a connection to the other instance reaches the same peer in the
	 * same way: scheme, address and port are equal.
	 * @param other the instance to compare with
	 * @return whether the end points are equal
	 */
	public boolean sameEndpoint(ServiceConfig other) {
		return this.port == other.port && this.address.equals(other.address) && this.scheme.equals(other.scheme);
	}

	/**
	 * Returns the instance's share of the rings relative to others, from the metadata
	 * {@value #METADATA_WEIGHT}.
	 * @return the weight, 0.01 to 10; 1 where the metadata has none or no number
	 */
	public double weight() {
		String text = this.metadata.get(METADATA_WEIGHT);
		if (text == null) {
			return 1;
		}
		try {
			double weight = Double.parseDouble(text.strip());
			return Double.isNaN(weight) ? 1 : Math.min(10, Math.max(0.01, weight));
		}
		catch (NumberFormatException ex) {
			return 1;
		}
	}

	/**
	 * Returns how messages and logs name this instance.
	 * @return for example {@code game/game-1 at 10.0.0.5:7001}
	 */
	public String label() {
		return this.name + "/" + this.id + " at " + endpoint();
	}

	/**
	 * Returns how messages and logs name where this instance is.
	 * @return for example {@code 10.0.0.5:7001} or {@code [::1]:7001}
	 */
	public String endpoint() {
		String host = (this.address.indexOf(':') >= 0) ? "[" + this.address + "]" : this.address;
		return host + ":" + this.port;
	}

	/**
	 * Returns the normal form of a name, id or tag: trimmed, in lower case. Text that is
	 * in normal form already is returned as it is, without an allocation.
	 * @param text the text
	 * @return its normal form
	 */
	public static String normalize(String text) {
		int length = text.length();
		for (int i = 0; i < length; i++) {
			char c = text.charAt(i);
			if (c <= ' ' || c > '~' || (c >= 'A' && c <= 'Z')) {
				return text.strip().toLowerCase(Locale.ROOT);
			}
		}
		return text;
	}

	/** As in an URI: {@code [::1]}. */
	private static String withoutBrackets(String address) {
		boolean bracketed = address.startsWith("[") && address.endsWith("]") && address.indexOf(':') > 0;
		return bracketed ? address.substring(1, address.length() - 1) : address;
	}

	private static String requireText(String part, String value) {
		if (value.isBlank()) {
			throw new IllegalArgumentException("%s: '%s' (expected: not blank)".formatted(part, value));
		}
		if (value.length() > 255) {
			throw new IllegalArgumentException("%s: %d characters, starting with '%s' (expected: at most 255)"
				.formatted(part, value.length(), value.substring(0, 32)));
		}
		int control = firstControl(value);
		if (control >= 0) {
			throw new IllegalArgumentException("%s: control character U+%04X at index %d (expected: none)"
				.formatted(part, (int) value.charAt(control), control));
		}
		return value;
	}

	private static int firstControl(String value) {
		for (int i = 0; i < value.length(); i++) {
			if (Character.isISOControl(value.charAt(i))) {
				return i;
			}
		}
		return -1;
	}

}
