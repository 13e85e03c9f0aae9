package dev.backend.autoconfigure.http;

import java.lang.ref.WeakReference;
import java.net.URI;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.BiFunction;

import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;

/**
 * Clients of instances, one for each, made when it is first asked for. A client goes with
 * its instance: instances are weak keys, and a client knows where its instance is and how
 * to have it probed, but does not hold it. Thread-safe; nothing is made under the lock.
 *
 * @param <C> the type of the clients
 */
final class PerInstance<C> {

	/** Guarded by itself. */
	private final Map<HttpService, C> clients = new WeakHashMap<>();

	private final BiFunction<URI, Runnable, C> factory;

	/**
	 * Creates a table without clients.
	 * @param factory makes the client of an instance from its address and what has it
	 * probed
	 */
	PerInstance(BiFunction<URI, Runnable, C> factory) {
		this.factory = factory;
	}

	C of(HttpService service) {
		C known = find(service);
		return (known != null) ? known : kept(service, this.factory.apply(service.uri(), probe(service)));
	}

	private @Nullable C find(HttpService service) {
		synchronized (this.clients) {
			return this.clients.get(service);
		}
	}

	/** Of two that are made at the same time, all callers get the same one. */
	private C kept(HttpService service, C made) {
		synchronized (this.clients) {
			C earlier = this.clients.putIfAbsent(service, made);
			return (earlier != null) ? earlier : made;
		}
	}

	/** An instance that nobody holds any more is not probed by its backend either. */
	private static Runnable probe(HttpService service) {
		WeakReference<HttpService> reference = new WeakReference<>(service);
		return () -> {
			HttpService present = reference.get();
			if (present != null) {
				present.probe();
			}
		};
	}

}
