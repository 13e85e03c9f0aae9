package dev.backend.discovery.redis;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceFilter;
import dev.backend.logging.PlainText;

/**
 * The text of a member of the registry: {@code name&id&address&port&scheme}, raw. Our
 * extension is a sixth field with the metadata, {@code key=value} pairs joined by
 * {@code ;}, keys and values percent-encoded in UTF-8; other readers ignore it. The same
 * service gives the same text at any time, because the text is the entry's identity.
 */
final class RegistryMember {

	/** The most bytes that are written: what readers with the default limit take. */
	static final int MAXIMUM_LENGTH = 8192;

	private static final int FIELDS = 5;

	private static final String UNRESERVED = "-._~";

	/** What decoders put in the place of bytes that are no text. */
	private static final char REPLACEMENT = '\uFFFD';

	private RegistryMember() {
	}

	/**
	 * Returns the member that stands for a service, as it is spelt: readers compare a
	 * name with their filter exactly, and only then in normal form.
	 * @throws IllegalArgumentException if a part cannot be written; the message names the
	 * service, the part and its value
	 */
	static String format(DiscoveredInstance instance) {
		ServiceConfig service = service(instance);
		List<String> fields = new ArrayList<>(List.of(field(service, "name", instance.name().strip()),
				field(service, "id", instance.id().strip()), field(service, "address", service.address()),
				Integer.toString(service.port()), field(service, "scheme", service.scheme())));
		Map<String, String> metadata = metadata(service);
		if (!metadata.isEmpty()) {
			fields.add(formatMetadata(metadata));
		}
		String member = String.join("&", fields);
		int length = member.getBytes(StandardCharsets.UTF_8).length;
		if (length > MAXIMUM_LENGTH) {
			throw new IllegalArgumentException("registry entry of %s: %d bytes (expected: at most %d)"
				.formatted(service.label(), length, MAXIMUM_LENGTH));
		}
		return member;
	}

	/** A service as an instance that has the normal form's spelling. */
	static DiscoveredInstance instance(ServiceConfig service) {
		return new DiscoveredInstance(service.name(), service.id(), service.scheme(), service.address(), service.port(),
				List.copyOf(service.tags()), service.metadata());
	}

	/** An instance in normal form, checked. */
	static ServiceConfig service(DiscoveredInstance instance) {
		return new ServiceConfig(instance.name(), instance.id(), instance.scheme(), instance.address(), instance.port(),
				new TreeSet<>(instance.tags()), instance.metadata());
	}

	/**
	 * Reads a member, whose length Redis has checked. Further fields than the sixth are
	 * ignored.
	 * @throws IllegalArgumentException if it is malformed; the message says why and shows
	 * none of the metadata
	 */
	static DiscoveredInstance parse(String member) {
		require(!hasControlCharacter(member), "a control character (expected: none)");
		require(member.indexOf(REPLACEMENT) < 0, "bytes that are no text (expected: UTF-8)");
		String[] fields = member.split("&", FIELDS + 2);
		require(fields.length >= FIELDS, "%d fields (expected: at least %d)", fields.length, FIELDS);
		require(!fields[2].isBlank(), "address '%s' (expected: not blank)", printable(fields[2]));
		Map<String, String> metadata = (fields.length > FIELDS) ? parseMetadata(fields[FIELDS]) : Map.of();
		return new DiscoveredInstance(fields[0], fields[1], fields[4], fields[2], parsePort(fields[3]),
				tags(metadata.getOrDefault(InstanceFilter.METADATA_ROUTER_TAG, "")), metadata);
	}

	/**
	 * Returns what a log may show of a member: neither metadata nor control characters.
	 */
	static String printable(String member) {
		String shown = Arrays.stream(member.split("&", FIELDS + 1)).limit(FIELDS).collect(Collectors.joining("&"));
		return PlainText.of(shown, 100);
	}

	static boolean hasControlCharacter(String text) {
		return text.chars().anyMatch(Character::isISOControl);
	}

	private static String field(ServiceConfig service, String part, String value) {
		if (value.indexOf('&') >= 0 || value.indexOf(',') >= 0 || hasControlCharacter(value)) {
			throw new IllegalArgumentException("%s of %s: '%s' (expected: no '&', ',' or control character)"
				.formatted(part, printable(service.label()), printable(value.replace('&', '?'))));
		}
		if (!isText(value)) {
			throw new IllegalArgumentException("%s of %s: '%s' (expected: text, without U+FFFD)".formatted(part,
					printable(service.label()), printable(value)));
		}
		return value;
	}

	/** Whether UTF-8 has all of it, and none stands for bytes that were no text. */
	private static boolean isText(String value) {
		return value.codePoints()
			.noneMatch((point) -> point == REPLACEMENT || Character.getType(point) == Character.SURROGATE);
	}

	private static Map<String, String> metadata(ServiceConfig service) {
		Map<String, String> metadata = new TreeMap<>(service.metadata());
		for (String tag : service.tags()) {
			if (tag.chars().anyMatch((c) -> Character.isWhitespace(c) || c == ',')) {
				throw new IllegalArgumentException("tag of %s: '%s' (expected: no blank or ',')"
					.formatted(printable(service.label()), printable(tag)));
			}
		}
		if (!service.tags().isEmpty()) {
			metadata.put(InstanceFilter.METADATA_ROUTER_TAG, String.join(" ", new TreeSet<>(service.tags())));
		}
		return metadata;
	}

	private static String formatMetadata(Map<String, String> metadata) {
		return metadata.entrySet()
			.stream()
			.map((entry) -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
			.collect(Collectors.joining(";"));
	}

	/** What is no pair is left out: another writer may use the field for itself. */
	private static Map<String, String> parseMetadata(String field) {
		Map<String, String> metadata = new LinkedHashMap<>();
		for (String pair : field.split(";")) {
			int equals = pair.indexOf('=');
			if (equals > 0) {
				metadata.putIfAbsent(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
			}
		}
		return metadata;
	}

	private static String encode(String text) {
		StringBuilder encoded = new StringBuilder(text.length() + 16);
		for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
			char c = (char) (octet & 0xFF);
			boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
			if (letterOrDigit || UNRESERVED.indexOf(c) >= 0) {
				encoded.append(c);
			}
			else {
				encoded.append('%')
					.append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
					.append(Character.toUpperCase(Character.forDigit(c & 0xF, 16)));
			}
		}
		return encoded.toString();
	}

	/** A percent sign that two hexadecimal digits do not follow stands for itself. */
	private static String decode(String text) {
		if (text.indexOf('%') < 0) {
			return text;
		}
		byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
		byte[] decoded = new byte[encoded.length];
		int length = 0;
		for (int i = 0; i < encoded.length; i++) {
			int octet = (encoded[i] == '%') ? octet(encoded, i + 1) : -1;
			decoded[length++] = (octet >= 0) ? (byte) octet : encoded[i];
			i += (octet >= 0) ? 2 : 0;
		}
		return new String(decoded, 0, length, StandardCharsets.UTF_8);
	}

	private static int octet(byte[] text, int index) {
		if (index + 1 >= text.length) {
			return -1;
		}
		int high = Character.digit(text[index], 16);
		int low = Character.digit(text[index + 1], 16);
		return (high < 0 || low < 0) ? -1 : (high << 4) | low;
	}

	private static List<String> tags(String text) {
		return text.isBlank() ? List.of() : Arrays.asList(text.strip().split("[\\s,]+"));
	}

	private static int parsePort(String text) {
		int port = text.chars().allMatch((c) -> c < 128) ? parseInteger(text) : -1;
		require(port >= 1 && port <= 65535, "port '%s' (expected: 1 to 65535)", printable(text));
		return port;
	}

	private static int parseInteger(String text) {
		try {
			return Integer.parseInt(text);
		}
		catch (NumberFormatException ex) {
			return -1;
		}
	}

	private static void require(boolean condition, String message, Object... arguments) {
		if (!condition) {
			throw new IllegalArgumentException(message.formatted(arguments));
		}
	}

}
