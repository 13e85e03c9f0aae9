package dev.backend.autoconfigure.registration;

import java.net.URI;
import java.util.Map;
import java.util.function.Supplier;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;

import org.springframework.cloud.client.serviceregistry.Registration;

/**
 * An instance that {@link BackendServiceRegistry} registers, in Spring Cloud's terms. The
 * bean of this type is this application; others may be made for further servers of it.
 * Thread-safe.
 */
public final class BackendRegistration implements Registration {

	private final Supplier<DiscoveredInstance> instance;

	/**
	 * Creates a registration of a server that is known.
	 * @param instance the instance, its name and id spelt as they are to be written
	 */
	public BackendRegistration(DiscoveredInstance instance) {
		this(() -> instance);
	}

	BackendRegistration(Supplier<DiscoveredInstance> instance) {
		this.instance = instance;
	}

	/**
	 * Returns what is registered. Of this application, its port is 0 until the web server
	 * runs, if that is where the port comes from.
	 * @return the instance
	 */
	public DiscoveredInstance instance() {
		return this.instance.get();
	}

	@Override
	public String getInstanceId() {
		return instance().id();
	}

	@Override
	public String getServiceId() {
		return instance().name();
	}

	@Override
	public String getHost() {
		return instance().address();
	}

	@Override
	public int getPort() {
		return instance().port();
	}

	/** Returns whether the scheme is https. */
	@Override
	public boolean isSecure() {
		return getScheme().equals("https");
	}

	/** Returns the scheme, address and port; Spring Cloud's own would say http of tcp. */
	@Override
	public URI getUri() {
		String host = (getHost().indexOf(':') >= 0) ? "[" + getHost() + "]" : getHost();
		return URI.create(getScheme() + "://" + host + ":" + getPort());
	}

	@Override
	public Map<String, String> getMetadata() {
		return instance().metadata();
	}

	@Override
	public String getScheme() {
		return ServiceConfig.normalize(instance().scheme());
	}

	@Override
	public String toString() {
		return "BackendRegistration[%s/%s at %s:%d]".formatted(getServiceId(), getInstanceId(), getHost(), getPort());
	}

}
