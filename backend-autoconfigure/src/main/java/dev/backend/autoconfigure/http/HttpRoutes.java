package dev.backend.autoconfigure.http;

import java.net.ConnectException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpGroup;
import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.util.StringUtils;
import org.springframework.web.util.UriComponentsBuilder;

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
	public static final String KEY_ATTRIBUTE = HttpRoutes.class.getName() + ".KEY";

	/** The request attribute with the routing tag. */
	public static final String TAG_ATTRIBUTE = HttpRoutes.class.getName() + ".TAG";

	/** Methods whose requests may be made twice (RFC 9110, section 9.2.2). */
	private static final Set<HttpMethod> IDEMPOTENT = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
			HttpMethod.TRACE, HttpMethod.PUT, HttpMethod.DELETE);

	private final HttpBackend backend;

	private final String keyHeader;

	private final String tagHeader;

	HttpRoutes(HttpBackend backend, String keyHeader, String tagHeader) {
		this.backend = backend;
		this.keyHeader = keyHeader;
		this.tagHeader = tagHeader;
	}

	/**
	 * Returns the instances to try: the owner of the key, and for requests that may be
	 * made twice the next one.
	 * @throws ServiceNotFoundException if there is none; the message says why
	 */
	List<HttpService> candidates(URI uri, HttpMethod method, HttpHeaders headers, Map<String, Object> attributes) {
		String name = uri.getHost();
		if (name == null) {
			throw new IllegalArgumentException(
					"host of '%s': none (expected: a service name, such as http://pay/orders; letters, digits and hyphens)"
						.formatted(uri));
		}
		HttpGroup group = this.backend.group(name);
		Route route = route(headers, attributes::get);
		List<HttpService> owners = group.routing().find(route, IDEMPOTENT.contains(method) ? 2 : 1);
		return owners.isEmpty() ? List.of(group.select(route)) : owners;
	}

	private Route route(HttpHeaders headers, Function<String, @Nullable Object> attributes) {
		String key = text(attributes.apply(KEY_ATTRIBUTE), headers.getFirst(this.keyHeader));
		String tag = text(attributes.apply(TAG_ATTRIBUTE), headers.getFirst(this.tagHeader));
		Route route = (key != null) ? Route.hash(key) : Route.any();
		return StringUtils.hasText(tag) ? route.tag(tag) : route;
	}

	private static @Nullable String text(@Nullable Object attribute, @Nullable String header) {
		return (attribute != null) ? attribute.toString() : header;
	}

	/** The same URI at an instance. */
	static URI at(HttpService service, URI uri) {
		URI base = service.uri();
		return UriComponentsBuilder.fromUri(uri)
			.scheme(base.getScheme())
			.host(base.getHost())
			.port(base.getPort())
			.build(true)
			.toUri();
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
