package dev.backend.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import dev.backend.autoconfigure.actuate.BackendsDescriptor.BackendDescriptor;
import dev.backend.autoconfigure.actuate.BackendsDescriptor.RegistrationDescriptor;
import dev.backend.autoconfigure.registration.ServiceRegistrar;
import dev.backend.fleet.ServiceBackend;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * The actuator endpoint that shows the backends: their groups and services, in which
 * state each is, since when and why, how discovery is doing, and what this application
 * has registered. It shows no metadata, because secrets may be there.
 */
@Endpoint(id = "backends", defaultAccess = Access.READ_ONLY)
public class BackendsEndpoint {

	private final Map<String, ServiceBackend<?, ?>> backends;

	private final Supplier<List<ServiceRegistrar>> registrars;

	BackendsEndpoint(Map<String, ServiceBackend<?, ?>> backends, Supplier<List<ServiceRegistrar>> registrars) {
		this.backends = backends;
		this.registrars = registrars;
	}

	/**
	 * Returns all backends.
	 * @return the present state
	 */
	@ReadOperation
	public BackendsDescriptor backends() {
		Map<String, BackendDescriptor> described = new LinkedHashMap<>();
		this.backends.forEach((name, backend) -> described.put(name, BackendDescriptors.describe(backend)));
		List<RegistrationDescriptor> registrations = this.registrars.get()
			.stream()
			.flatMap((registrar) -> registrar.registrations().stream())
			.map(RegistrationDescriptor::of)
			.toList();
		return new BackendsDescriptor(described, registrations);
	}

}
