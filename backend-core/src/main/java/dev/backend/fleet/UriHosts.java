package dev.backend.fleet;

import java.net.IDN;
import java.net.URI;

import dev.backend.ServiceConfig;
import dev.backend.logging.PlainText;

/**
 * The addresses of services as hosts of URIs. Some names that a resolver knows are none,
 * such as those with an underscore, and HTTP clients differ in what they do then.
 */
public final class UriHosts {

	private UriHosts() {
	}

	/**
	 * Returns what stands for the address of a service in a URI.
	 * @param config the service
	 * @return an IPv6 address in brackets, a name in ASCII, anything else as it is
	 */
	public static String of(ServiceConfig config) {
		String address = config.address();
		if (address.indexOf(':') >= 0) {
			return "[" + address + "]";
		}
		return address.chars().allMatch((c) -> c < 0x80) ? address : IDN.toASCII(address);
	}

	/**
	 * Checks that a service that is reached over HTTP can be.
	 * @throws IllegalArgumentException if its address cannot be the host of a URI
	 */
	static void require(ServiceConfig config) {
		String scheme = config.scheme();
		if ((scheme.equals("http") || scheme.equals("https"))
				&& URI.create(scheme + "://" + of(config) + ":" + config.port()).getHost() == null) {
			throw new IllegalArgumentException(
					"address: '%s' (expected: an IP address, or a host name of letters, digits and hyphens whose last part begins with a letter; an HTTP client knows no other)"
						.formatted(PlainText.of(config.address())));
		}
	}

}
