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

	/** What {@link URI#getHost()} knows as a host name. */
	private static final Pattern HOST = Pattern
		.compile("([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)*[a-z]([a-z0-9-]*[a-z0-9])?");

	static ServiceHosts of(String property, Collection<String> names) {
		return new ServiceHosts(names.stream()
			.map(ServiceConfig::normalize)
			.map((name) -> Checks.require(HOST.matcher(name).matches(), property, name,
					"a host name: letters, digits and hyphens, the first a letter"))
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
		String host = uri.getHost();
		return host != null && names.contains(ServiceConfig.normalize(host));
	}

}
