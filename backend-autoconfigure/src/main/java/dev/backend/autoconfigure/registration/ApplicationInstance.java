package dev.backend.autoconfigure.registration;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.DiscoveredInstance;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * What this application registers: its properties, and where they are silent, what can be
 * found out.
 */
final class ApplicationInstance {

	private static final Set<String> WEB_SCHEMES = Set.of("http", "https");

	private final RegistrationProperties properties;

	private final Environment environment;

	private final Supplier<@Nullable String> localAddress;

	/**
	 * Checks what can be known before servers are started.
	 * @param properties the properties
	 * @param environment for the application's name and the web server's port
	 * @param localAddress finds this machine's address
	 */
	ApplicationInstance(RegistrationProperties properties, Environment environment,
			Supplier<@Nullable String> localAddress) {
		this.properties = properties;
		this.environment = environment;
		this.localAddress = localAddress;
		name();
		if (properties.port() == null && !isWeb()) {
			throw failure("port",
					"the port at which this application serves '%s'; only a web server's is known"
						.formatted(properties.scheme()),
					"Set it, or register the server from the application once its port is known "
							+ "(RedisServiceRegistry.register).");
		}
	}

	/**
	 * Returns what to register, once the web server runs.
	 * @return the instance, its name and id spelt as the properties have them
	 * @throws BackendConfigurationException if a needed part is not known
	 * @throws InvalidConfigurationPropertyValueException if a part is malformed
	 */
	DiscoveredInstance create() {
		DiscoveredInstance instance = instance(address(), port());
		try {
			new ServiceConfig(instance.name(), instance.id(), instance.scheme(), instance.address(), instance.port(),
					Set.copyOf(instance.tags()), instance.metadata());
			return instance;
		}
		catch (IllegalArgumentException ex) {
			throw new BackendConfigurationException("backend.registration is malformed: " + ex.getMessage() + ".",
					"Correct the property.");
		}
	}

	/**
	 * Returns what is known before the web server runs.
	 * @return the instance; its port is 0 and its address empty where they are not known
	 */
	DiscoveredInstance preliminary() {
		String address = StringUtils.hasText(this.properties.address()) ? this.properties.address()
				: this.localAddress.get();
		Integer port = this.properties.port();
		return instance((address != null) ? address : "", (port != null) ? port : 0);
	}

	private DiscoveredInstance instance(String address, int port) {
		String name = name();
		String id = StringUtils.hasText(this.properties.id()) ? this.properties.id()
				: name + "-" + address + "-" + port;
		return new DiscoveredInstance(name, id, this.properties.scheme(), address, port,
				List.copyOf(this.properties.tags()), this.properties.metadata());
	}

	private String name() {
		String name = this.properties.name();
		if (!StringUtils.hasText(name)) {
			name = this.environment.getProperty("spring.application.name");
		}
		if (!StringUtils.hasText(name)) {
			throw failure("name", "the service name; spring.application.name is not set either",
					"Set one of the two properties.");
		}
		return name;
	}

	private String address() {
		if (StringUtils.hasText(this.properties.address())) {
			return this.properties.address();
		}
		String address = this.localAddress.get();
		if (address == null) {
			throw failure("address", "an address; this machine has none but loopback ones",
					"Set the host name or IP address under which others reach this application.");
		}
		return address;
	}

	private int port() {
		Integer port = this.properties.port();
		if (port != null) {
			return Checks.inRange("backend.registration.port", port, 1, 65535);
		}
		Integer webPort = this.environment.getProperty("local.server.port", Integer.class);
		if (webPort == null) {
			throw failure("port", "a port; the application has no web server of which it could be taken",
					"Set the port under which others reach this application.");
		}
		return webPort;
	}

	private boolean isWeb() {
		return WEB_SCHEMES.contains(ServiceConfig.normalize(this.properties.scheme()));
	}

	private static BackendConfigurationException failure(String property, String expected, String action) {
		return new BackendConfigurationException(
				"backend.registration.%s is not set (expected: %s).".formatted(property, expected), action);
	}

}
