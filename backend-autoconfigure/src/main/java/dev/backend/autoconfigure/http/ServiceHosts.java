package dev.backend.autoconfigure.http;

import java.net.URI;
import java.util.Collection;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.Checks;
import org.jspecify.annotations.Nullable;

/**
 * Which hosts of URIs are the names of services. Thread-safe.
 *
 * @param names the names in normal form, or {@code null} if every host is one
 */
record ServiceHosts(@Nullable Set<String> names) implements Predicate<URI> {

	/** For clients that were made to talk to services and to nobody else. */
	static final ServiceHosts ALL = new ServiceHosts(null);

	/**
	 * What a URI may have there. Underscores are not allowed in host names, but are in
	 * names of services.
	 */
	private static final Pattern HOST = Pattern.compile("[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?");

	static ServiceHosts of(String property, Collection<String> names) {
		return new ServiceHosts(names.stream()
			.map(ServiceConfig::normalize)
			.map((name) -> Checks.require(HOST.matcher(name).matches(), property, name,
					"what can be the host of a URI: letters, digits, hyphens, underscores and dots"))
			.collect(Collectors.toUnmodifiableSet()));
	}

	boolean isEmpty() {
		return this.names != null && this.names.isEmpty();
	}

	@Override
	public boolean test(URI uri) {
		Set<String> names = this.names;
		if (names == null) {
			return true;
		}
		String host = hostOf(uri);
		return host != null && names.contains(ServiceConfig.normalize(host));
	}

	/**
	 * Returns the host of a URI, also where it is none for {@link URI#getHost()}, such as
	 * a name with an underscore.
	 */
	static @Nullable String hostOf(URI uri) {
		String host = uri.getHost();
		if (host != null || uri.getRawAuthority() == null) {
			return host;
		}
		String authority = uri.getRawAuthority();
		String withPort = authority.substring(authority.lastIndexOf('@') + 1);
		int colon = withPort.indexOf(':');
		String name = (colon >= 0) ? withPort.substring(0, colon) : withPort;
		return name.isEmpty() ? null : name;
	}

}
