package dev.backend.autoconfigure.http;

import java.lang.ref.WeakReference;
import java.net.URI;

import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;

/**
 * Where an instance is, for a client of its own that does not hold it. The client calls
 * it by the name of its service, by which meters and logs know it: there would be a
 * series for each address otherwise. Thread-safe.
 */
final class InstancePlace {

	private final WeakReference<HttpService> reference;

	private final URI base;

	/** Where the instance was when it was last seen. */
	private volatile URI last;

	InstancePlace(HttpService service) {
		this.reference = new WeakReference<>(service);
		this.last = service.uri();
		this.base = URI.create(service.config().scheme() + "://" + label(service.name()));
	}

	/** What can be a host for everybody: some names have underscores. */
	private static String label(String name) {
		String label = name.replaceAll("[^a-z0-9.-]", "-");
		return (hostOf("http://" + label) != null) ? label : "service";
	}

	private static @Nullable String hostOf(String uri) {
		try {
			return URI.create(uri).getHost();
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/** Returns how the client calls the instance, such as {@code http://pay}. */
	URI base() {
		return this.base;
	}

	/** Returns whether a URI calls the instance, rather than says an address. */
	boolean isCalledBy(URI uri) {
		return this.base.getRawAuthority().equals(uri.getRawAuthority());
	}

	/** Returns where a URI is that calls the instance. */
	URI locate(URI uri) {
		HttpService service = this.reference.get();
		if (service != null) {
			this.last = service.uri();
		}
		return InstanceUris.at(this.last, uri);
	}

	/** An instance that nobody holds any more is not probed by its backend either. */
	void probe() {
		HttpService service = this.reference.get();
		if (service != null) {
			service.probe();
		}
	}

}
