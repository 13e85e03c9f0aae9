package dev.backend.autoconfigure.http;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpGroup;
import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.util.StringUtils;

/**
 * How the request of an HTTP client finds its instance: the host of its URI is a service
 * name, and the hash key and the routing tag are request attributes, or else headers.
 * Thread-safe.
 */
public final class HttpRoutes {

	/**
	 * The request attribute with the hash key. Without a key, requests spread over all
	 * instances.
	 */
	public static final String KEY_ATTRIBUTE = "dev.backend.autoconfigure.http.HttpRoutes.KEY";

	/** The request attribute with the routing tag. */
	public static final String TAG_ATTRIBUTE = "dev.backend.autoconfigure.http.HttpRoutes.TAG";

	private final HttpBackend backend;

	private final String keyHeader;

	private final String tagHeader;

	private final boolean downgradeAllowed;

	private final Duration cancelledAfter;

	/**
	 * Creates the routes of a backend.
	 * @param backend whose instances
	 * @param keyHeader the header with the hash key
	 * @param tagHeader the header with the routing tag
	 * @param downgradeAllowed whether a request to {@code https} may go to an instance
	 * that speaks plain HTTP
	 * @param cancelledAfter how long a request that its caller cancels must have had no
	 * answer to count as failed; zero if it never does
	 */
	HttpRoutes(HttpBackend backend, String keyHeader, String tagHeader, boolean downgradeAllowed,
			Duration cancelledAfter) {
		this.backend = backend;
		// As HttpHeaders looks them up; otherwise each look-up would make this string.
		this.keyHeader = keyHeader.toLowerCase(Locale.ROOT);
		this.tagHeader = tagHeader.toLowerCase(Locale.ROOT);
		this.downgradeAllowed = downgradeAllowed;
		this.cancelledAfter = cancelledAfter;
	}

	/**
	 * Returns where a request goes.
	 * @throws ServiceNotFoundException if the host is no known service, or no instance is
	 * usable
	 * @throws IllegalStateException if the request is to be encrypted, and the instance
	 * does not do that
	 */
	Destination destination(URI uri, HttpHeaders headers, Map<String, Object> attributes) {
		HttpGroup group = group(uri);
		Route route = route(headers, attributes);
		HttpService owner = group.select(route);
		boolean encrypted = "https".equalsIgnoreCase(uri.getScheme()) && !this.downgradeAllowed;
		if (encrypted && !isEncrypted(owner)) {
			throw new IllegalStateException(
					"https://%s is not led to %s, which is registered with the scheme %s: the request would not be encrypted (register it with https, or set backend.http.route.allow-downgrade)"
						.formatted(group.name(), owner, owner.config().scheme()));
		}
		return new Destination(group, route, owner, encrypted);
	}

	/** Returns what is to be told of one request to an instance. */
	RequestOutcome outcome(HttpService service) {
		return new RequestOutcome(service, this.cancelledAfter);
	}

	private HttpGroup group(URI uri) {
		String name = ServiceHosts.hostOf(uri);
		if (name == null) {
			throw new IllegalArgumentException(
					"host of '%s': none (expected: a service name, such as http://pay/orders)".formatted(uri));
		}
		return this.backend.group(name);
	}

	/**
	 * Returns the group with a name.
	 * @throws ServiceNotFoundException if no instance of it is known
	 */
	HttpGroup group(String name) {
		return this.backend.group(name);
	}

	/** Returns where the key and the tag of a request lead. */
	Route route(HttpHeaders headers, Map<String, Object> attributes) {
		String key = text(attributes.get(KEY_ATTRIBUTE), headers, this.keyHeader);
		String tag = text(attributes.get(TAG_ATTRIBUTE), headers, this.tagHeader);
		Route route = (key != null) ? Route.hash(key) : Route.any();
		return StringUtils.hasText(tag) ? route.tag(tag) : route;
	}

	private static @Nullable String text(@Nullable Object attribute, HttpHeaders headers, String header) {
		return (attribute != null) ? attribute.toString() : headers.getFirst(header);
	}

	private static boolean isEncrypted(HttpService service) {
		return service.config().scheme().equals("https");
	}

	/** Returns the next owner after an instance, or {@code null} if there is none. */
	static @Nullable HttpService nextOwner(HttpGroup group, Route route, HttpService failed) {
		for (HttpService candidate : group.routing().find(route, 2)) {
			if (candidate != failed) {
				return candidate;
			}
		}
		return null;
	}

	/**
	 * Where a request goes.
	 *
	 * @param group the service
	 * @param route what the request says
	 * @param owner the instance
	 * @param encrypted whether only an instance that speaks TLS will do
	 */
	record Destination(HttpGroup group, Route route, HttpService owner, boolean encrypted) {

		/**
		 * Returns whom to ask after the owner could not be reached, or {@code null} if
		 * there is nobody.
		 */
		@Nullable HttpService next() {
			HttpService next = nextOwner(this.group, this.route, this.owner);
			return (next != null && (!this.encrypted || isEncrypted(next))) ? next : null;
		}

	}

}
