package dev.backend.autoconfigure.discovery;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.discovery.ServiceDiscovery;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Finds the {@link ServiceDiscovery} that a backend uses, or says why there is none.
 */
public final class DiscoveryResolver {

	private static final Set<String> KNOWN_TYPES = new TreeSet<>(
			Set.of(DiscoveryProperties.REDIS, DiscoveryProperties.CUSTOM));

	private static final String REDIS_CLIENT = "org.springframework.data.redis.connection.RedisConnectionFactory";

	private final String type;

	private final ObjectProvider<ServiceDiscovery> discoveries;

	private final ListableBeanFactory beanFactory;

	private final Environment environment;

	private final @Nullable ClassLoader classLoader;

	DiscoveryResolver(DiscoveryProperties properties, ObjectProvider<ServiceDiscovery> discoveries,
			ConfigurableListableBeanFactory beanFactory, Environment environment) {
		this.type = properties.type().toLowerCase(Locale.ROOT);
		if (!KNOWN_TYPES.contains(this.type)) {
			throw new InvalidConfigurationPropertyValueException("backend.discovery.type", properties.type(),
					"No registry of that type is known. Known types: " + String.join(", ", KNOWN_TYPES)
							+ " (a ServiceDiscovery bean of the application).");
		}
		this.discoveries = discoveries;
		this.beanFactory = beanFactory;
		this.environment = environment;
		this.classLoader = beanFactory.getBeanClassLoader();
	}

	/**
	 * Returns the discovery.
	 * @return the only one, or the primary one
	 * @throws BackendConfigurationException if there is none, or several and no primary
	 * one
	 */
	public ServiceDiscovery resolve() {
		ServiceDiscovery discovery = this.discoveries.getIfUnique();
		if (discovery == null) {
			throw failure();
		}
		return discovery;
	}

	private BackendConfigurationException failure() {
		List<String> names = List.of(this.beanFactory.getBeanNamesForType(ServiceDiscovery.class));
		if (!names.isEmpty()) {
			return new BackendConfigurationException(
					"A backend needs one ServiceDiscovery, but there are %d: %s.".formatted(names.size(), names),
					"Mark one of them @Primary, or set one on the TcpBackend.Builder.");
		}
		if (this.type.equals(DiscoveryProperties.CUSTOM)) {
			return missing("backend.discovery.type is 'custom', but the application has no ServiceDiscovery bean.",
					"Declare one, or set backend.discovery.type to 'redis'.");
		}
		return redisFailure();
	}

	private BackendConfigurationException redisFailure() {
		if (!ClassUtils.isPresent(REDIS_CLIENT, this.classLoader)) {
			return missing("backend.discovery.type is 'redis', but no Redis client is on the class path.",
					"Add the dependency org.springframework.boot:spring-boot-starter-data-redis, "
							+ "or declare a ServiceDiscovery bean.");
		}
		if (!this.environment.containsProperty(RedisDiscoveryProperties.KEY)) {
			return missing("backend.discovery.redis.key is not set (expected: the registry key of the fleet).",
					"Set it to the key under which the fleet's services register, or declare a ServiceDiscovery bean.");
		}
		return missing(
				"backend.discovery.type is 'redis', but there is no RedisConnectionFactory bean, or several and no "
						+ "primary one.",
				"Let Spring Boot make one (is its Redis auto-configuration excluded?), or mark one @Primary.");
	}

	private static BackendConfigurationException missing(String reason, String action) {
		return new BackendConfigurationException("A backend has nowhere to discover its instances: " + reason, action);
	}

}
