package dev.backend.autoconfigure.http;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.autoconfigure.fleet.Fleet;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpGroup;
import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.util.StringUtils;

/**
 * How requests to the services of one fleet find their instance. Thread-safe.
 */
final class FleetRoutes {

	private final HttpBackend backend;

	private final String keyHeader;

	private final String tagHeader;

	private final boolean downgradeAllowed;

	private final String downgradeProperty;

	private final Duration cancelledAfter;

	/**
	 * Creates the routes of a fleet.
	 * @param backend whose instances
	 * @param fleet what the properties say of them
	 */
	FleetRoutes(HttpBackend backend, Fleet<HttpBackendProperties> fleet) {
		HttpBackendProperties.ClientRoute route = fleet.properties().route();
		this.backend = backend;
		// As HttpHeaders looks them up; otherwise each look-up would make this string.
		this.keyHeader = route.keyHeader().toLowerCase(Locale.ROOT);
		this.tagHeader = route.tagHeader().toLowerCase(Locale.ROOT);
		this.downgradeAllowed = route.allowDowngrade();
		this.downgradeProperty = fleet.propertyName("route.allow-downgrade");
		this.cancelledAfter = fleet.properties().ejection().cancelledAfter();
	}

	/**
	 * Returns where a request goes.
	 * @param name the name of the service
	 * @param scheme the scheme of the request
	 * @throws ServiceNotFoundException if the service is not known, or no instance is
	 * usable
	 * @throws IllegalStateException if the request is to be encrypted, and the instance
	 * does not do that
	 */
	Destination destination(String name, @Nullable String scheme, HttpHeaders headers, Map<String, Object> attributes) {
		HttpGroup group = group(name);
		Route route = route(headers, attributes);
		HttpService owner = group.select(route);
		boolean encrypted = "https".equalsIgnoreCase(scheme) && !this.downgradeAllowed;
		if (encrypted && !isEncrypted(owner)) {
			throw new IllegalStateException(
					"https://%s is not led to %s, which is registered with the scheme %s: the request would not be encrypted (register it with https, or set %s)"
						.formatted(group.name(), owner, owner.config().scheme(), this.downgradeProperty));
		}
		return new Destination(group, route, owner, encrypted, this.cancelledAfter);
	}

	/** Returns whether an instance of a service is known. */
	boolean knows(String name) {
		return this.backend.findGroup(name) != null;
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
		String key = text(attributes.get(HttpRoutes.KEY_ATTRIBUTE), headers, this.keyHeader);
		String tag = text(attributes.get(HttpRoutes.TAG_ATTRIBUTE), headers, this.tagHeader);
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
	 * @param cancelledAfter how long a request that its caller cancels must have had no
	 * answer to count as failed; zero if it never does
	 */
	record Destination(HttpGroup group, Route route, HttpService owner, boolean encrypted, Duration cancelledAfter) {

		/** Returns what is to be told of one request to an instance. */
		RequestOutcome outcome(HttpService service) {
			return new RequestOutcome(service, this.cancelledAfter);
		}

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
