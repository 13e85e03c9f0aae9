package dev.backend.autoconfigure.http;

import java.net.ConnectException;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpGroup;
import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
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

	/** Methods whose requests may be made twice (RFC 9110, section 9.2.2). */
	private static final Set<HttpMethod> IDEMPOTENT = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
			HttpMethod.TRACE, HttpMethod.PUT, HttpMethod.DELETE);

	private final HttpBackend backend;

	private final String keyHeader;

	private final String tagHeader;

	HttpRoutes(HttpBackend backend, String keyHeader, String tagHeader) {
		this.backend = backend;
		// As HttpHeaders looks them up; otherwise each look-up would make this string.
		this.keyHeader = keyHeader.toLowerCase(Locale.ROOT);
		this.tagHeader = tagHeader.toLowerCase(Locale.ROOT);
	}

	/**
	 * Returns the group that a URI names.
	 * @throws ServiceNotFoundException if no instance of it is known
	 */
	HttpGroup group(URI uri) {
		String name = uri.getHost();
		if (name == null) {
			throw new IllegalArgumentException(
					"host of '%s': none (expected: a service name, such as http://pay/orders; letters, digits and hyphens)"
						.formatted(uri));
		}
		return this.backend.group(name);
	}

	/** Returns the group with a name, or {@code null} if no instance of it is known. */
	@Nullable HttpGroup findGroup(String name) {
		return this.backend.findGroup(name);
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

	/**
	 * Returns whom to try after an instance that has failed.
	 * @return the next instance, or {@code null} if the request must not be made again or
	 * there is no other
	 */
	static @Nullable HttpService next(Throwable failure, HttpMethod method, HttpGroup group, Route route,
			HttpService failed) {
		if (!refused(failure)) {
			return null;
		}
		failed.probe();
		return IDEMPOTENT.contains(method) ? nextOwner(group, route, failed) : null;
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

	/** Whether nothing of a request can have arrived. */
	static boolean refused(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof ConnectException) {
				return true;
			}
		}
		return false;
	}

}
