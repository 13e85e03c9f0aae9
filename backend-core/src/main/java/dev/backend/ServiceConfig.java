package dev.backend;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import dev.backend.logging.PlainText;

/**
 * One discovered instance of a service, in {@linkplain #normalize(String) normal form}:
 * name, id, scheme and tags are lower-cased and trimmed, the address is left as it is,
 * but for the brackets that an IPv6 address may have. Immutable.
 *
 * @param name the service name, which groups instances; 1 to 255 characters
 * @param id the id of the instance, unique within its name; 1 to 255 characters
 * @param scheme the protocol, such as {@code tcp} or {@code http}: a letter, then
 * letters, digits, {@code +}, {@code -} and {@code .}; {@code http} where the registry
 * says none
 * @param address the host name or IP address to connect to, without scheme, port or path;
 * a name may have underscores and letters beyond ASCII, and does not end in a number
 * @param port the port to connect to, 1 to 65535
 * @param tags the routing tags, at most {@value #MAXIMUM_TAGS} of up to 255 characters,
 * and fewer with a weight above 1 (see {@link #MAXIMUM_SHARE}); empty if none
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

	/** How many tags an instance has at most: each puts it on one more ring. */
	public static final int MAXIMUM_TAGS = 1000;

	/**
	 * How much the {@linkplain #weight() weight} of an instance, times the number of its
	 * rings, is at most: 100 tags have room with the greatest weight. So an instance has
	 * at most a million points.
	 */
	public static final int MAXIMUM_SHARE = 1010;

	/** How many characters a name, an id, a scheme and a tag have at most. */
	private static final int MAXIMUM_LENGTH = 255;

	/** How much of a text that is too long is shown. */
	private static final int SHOWN_OF_LONG = 32;

	private static final Pattern SCHEME = Pattern.compile("[a-z][a-z0-9+.-]*");

	/**
	 * Normalises and checks the parts.
	 * @throws IllegalArgumentException if a part is outside its documented range; the
	 * message names the part, its value and what was expected
	 */
	public ServiceConfig {
		name = requireText("name", normalize(name));
		id = requireText("id", normalize(id));
		scheme = requireScheme(normalize(scheme));
		address = HostAddress.check(address);
		if (port < 1 || port > 65535) {
			throw new IllegalArgumentException("port of %s/%s: %d (expected: 1 to 65535)".formatted(name, id, port));
		}
		tags = normalTags(tags);
		metadata = Map.copyOf(metadata);
		double weight = weight(metadata);
		if (weight * (1 + tags.size()) > MAXIMUM_SHARE) {
			throw new IllegalArgumentException("tags: %d, with weight %s (expected: at most %d)".formatted(tags.size(),
					weight, (int) (MAXIMUM_SHARE / weight) - 1));
		}
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
		return weight(this.metadata);
	}

	private static double weight(Map<String, String> metadata) {
		String text = metadata.get(METADATA_WEIGHT);
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
	 * Returns how messages and logs name this instance. What could forge a line is
	 * escaped.
	 * @return for example {@code game/game-1 at 10.0.0.5:7001}
	 */
	public String label() {
		return PlainText.of(this.name + "/" + this.id + " at " + endpoint());
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
	 * Returns the normal form of a name, id or tag, which is that of gobase: each code
	 * point in lower case by itself ({@code İ} is {@code i}, a final {@code Σ} is
	 * {@code σ}), without what Unicode calls space at either end, U+00A0 and U+2007 among
	 * it. It is the same on every JDK. Text that is in normal form already is returned as
	 * it is, without an allocation.
	 * @param text the text
	 * @return its normal form
	 */
	public static String normalize(String text) {
		return NormalForm.of(text);
	}

	private static Set<String> normalTags(Set<String> tags) {
		if (tags.isEmpty()) {
			return Set.of();
		}
		Set<String> normal = new HashSet<>();
		for (String tag : tags) {
			String text = normalize(tag);
			if (!text.isEmpty()) {
				normal.add(requireText("tag", text));
			}
			if (normal.size() > MAXIMUM_TAGS) {
				throw new IllegalArgumentException(
						"tags: %d (expected: at most %d)".formatted(tags.size(), MAXIMUM_TAGS));
			}
		}
		return Set.copyOf(normal);
	}

	/** Returns a constant for each of the usual ones, of which there are many. */
	private static String requireScheme(String scheme) {
		return switch (scheme) {
			case "", SCHEME_HTTP -> SCHEME_HTTP;
			case SCHEME_TCP -> SCHEME_TCP;
			case "https" -> "https";
			default -> {
				if (!SCHEME.matcher(requireText("scheme", scheme)).matches()) {
					throw new IllegalArgumentException(
							"scheme: '%s' (expected: a letter, then letters, digits, '+', '-' and '.')"
								.formatted(PlainText.of(scheme)));
				}
				yield scheme;
			}
		};
	}

	private static String requireText(String part, String value) {
		if (value.isEmpty()) {
			throw new IllegalArgumentException("%s: '' (expected: not blank)".formatted(part));
		}
		if (value.length() > MAXIMUM_LENGTH) {
			throw new IllegalArgumentException("%s: %d characters, starting with '%s' (expected: at most %d)"
				.formatted(part, value.length(), PlainText.of(value.substring(0, SHOWN_OF_LONG)), MAXIMUM_LENGTH));
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
