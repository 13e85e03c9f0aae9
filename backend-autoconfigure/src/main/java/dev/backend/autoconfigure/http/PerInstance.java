package dev.backend.autoconfigure.http;

import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Function;

import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;

/**
 * Clients of instances, one for each, made when it is first asked for. A client goes with
 * its instance: instances are weak keys, and a client knows its {@link InstancePlace} but
 * does not hold it. Thread-safe; nothing is made under the lock.
 *
 * @param <C> the type of the clients
 */
final class PerInstance<C> {

	/** Guarded by itself. */
	private final Map<HttpService, C> clients = new WeakHashMap<>();

	private final Function<InstancePlace, C> factory;

	/**
	 * Creates a table without clients.
	 * @param factory makes the client of an instance
	 */
	PerInstance(Function<InstancePlace, C> factory) {
		this.factory = factory;
	}

	C of(HttpService service) {
		C known = find(service);
		return (known != null) ? known : kept(service, this.factory.apply(new InstancePlace(service)));
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

}
