package dev.backend.autoconfigure.discovery;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.MergedDiscovery;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.guard.GuardedDiscovery;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Finds the {@link ServiceDiscovery} that a backend uses, or says why there is none.
 */
public final class DiscoveryResolver {

	private static final Set<String> KNOWN_SOURCES = new TreeSet<>(
			Set.of(DiscoveryProperties.REDIS, DiscoveryProperties.CONSUL, DiscoveryProperties.SPRING_CLOUD,
					DiscoveryProperties.DNS, DiscoveryProperties.STATIC, DiscoveryProperties.CUSTOM));

	private static final String REDIS_CLIENT = "org.springframework.data.redis.connection.RedisConnectionFactory";

	private static final String CONSUL_CLIENT = "org.springframework.cloud.consul.ConsulProperties";

	private static final String JSON = "tools.jackson.databind.json.JsonMapper";

	private static final String HTTP_CLIENT = "reactor.netty.http.client.HttpClient";

	private final List<String> sources;

	private final InstanceRules rules;

	private final ObjectProvider<ServiceDiscovery> discoveries;

	private final ConfigurableListableBeanFactory beanFactory;

	private final Environment environment;

	private final @Nullable ClassLoader classLoader;

	/** What has been merged of the sources of the properties. */
	private @Nullable ServiceDiscovery merged;

	/** The application's own, within the rules. */
	private @Nullable ServiceDiscovery guarded;

	DiscoveryResolver(DiscoveryProperties properties, InstanceRules rules, ObjectProvider<ServiceDiscovery> discoveries,
			ConfigurableListableBeanFactory beanFactory, Environment environment) {
		this.sources = known(properties.sources());
		this.rules = rules;
		this.discoveries = discoveries;
		this.beanFactory = beanFactory;
		this.environment = environment;
		this.classLoader = beanFactory.getBeanClassLoader();
	}

	private static List<String> known(List<String> sources) {
		List<String> names = sources.stream().map((name) -> name.strip().toLowerCase(Locale.ROOT)).toList();
		Checks.require(!names.isEmpty(), DiscoveryProperties.SOURCES, sources, "at least one");
		for (String name : names) {
			Checks.require(KNOWN_SOURCES.contains(name), DiscoveryProperties.SOURCES, name,
					String.join(", ", KNOWN_SOURCES));
		}
		Checks.require(Set.copyOf(names).size() == names.size(), DiscoveryProperties.SOURCES, sources,
				"each source once");
		Checks.require(names.size() == 1 || !names.contains(DiscoveryProperties.CUSTOM), DiscoveryProperties.SOURCES,
				sources, "custom alone; a ServiceDiscovery bean of the application is used in place of all sources");
		return names;
	}

	/**
	 * Returns the discovery. One of the application's own is limited to what the rules
	 * let through, as the others are by themselves; it is the same for all backends.
	 * @return the only one, or the primary one
	 * @throws BackendConfigurationException if there is none, or several and no primary
	 * one
	 */
	public synchronized ServiceDiscovery resolve() {
		ServiceDiscovery discovery = find();
		if (discovery == null) {
			throw failure();
		}
		if (discovery == this.merged) {
			return discovery;
		}
		ServiceDiscovery guarded = this.guarded;
		if (guarded == null) {
			guarded = GuardedDiscovery.of(discovery, this.rules);
			this.guarded = guarded;
		}
		return guarded;
	}

	/** The only one of this context comes before those of its parents. */
	private @Nullable ServiceDiscovery find() {
		List<String> own = ownNames().stream()
			.filter((name) -> BackendBeans.isDefaultCandidate(this.beanFactory, name))
			.toList();
		return (own.size() == 1) ? this.beanFactory.getBean(own.get(0), ServiceDiscovery.class)
				: this.discoveries.getIfUnique();
	}

	private List<String> ownNames() {
		return List.of(this.beanFactory.getBeanNamesForType(ServiceDiscovery.class));
	}

	/**
	 * Returns a discovery as the backends see it, so that what is said of it is true of
	 * them.
	 * @param discovery a discovery bean
	 * @return what {@link #resolve()} makes of it if they use it, else the bean itself
	 */
	public ServiceDiscovery seen(ServiceDiscovery discovery) {
		return (discovery == find()) ? resolve() : discovery;
	}

	/**
	 * Merges the sources that the properties name, in their order.
	 * @param available the sources that there are
	 * @return the sources as one
	 * @throws BackendConfigurationException if one that is named is not there
	 */
	synchronized ServiceDiscovery merge(List<DiscoverySource> available) {
		List<ServiceDiscovery> named = this.sources.stream()
			.map((name) -> available.stream()
				.filter((source) -> source.name().equals(name))
				.findFirst()
				.orElseThrow(() -> failure(name)))
			.map(DiscoverySource::discovery)
			.toList();
		ServiceDiscovery merged = (named.size() == 1) ? named.get(0) : MergedDiscovery.of(named);
		this.merged = merged;
		return merged;
	}

	private BackendConfigurationException failure() {
		List<String> names = ownNames();
		if (!names.isEmpty()) {
			return new BackendConfigurationException(
					"A backend needs one ServiceDiscovery, but there are %d: %s.".formatted(names.size(), names),
					"Mark one of them @Primary, or set one on the TcpBackend.Builder.");
		}
		return failure(this.sources.get(0));
	}

	private BackendConfigurationException failure(String source) {
		if (source.equals(DiscoveryProperties.CUSTOM)) {
			return missing("backend.discovery.sources is 'custom', but the application has no ServiceDiscovery bean.",
					"Declare one, or set backend.discovery.sources to one or several of %s."
						.formatted(KNOWN_SOURCES.stream()
							.filter((name) -> !name.equals(DiscoveryProperties.CUSTOM))
							.collect(Collectors.joining(", "))));
		}
		if (source.equals(DiscoveryProperties.SPRING_CLOUD)) {
			return missing(
					"backend.discovery.sources has 'spring-cloud', but Spring Cloud Commons is not on the class path.",
					"Add Spring Cloud's client of your registry, or declare a ServiceDiscovery bean.");
		}
		if (source.equals(DiscoveryProperties.DNS)) {
			return missing("backend.discovery.sources has 'dns', but Netty's DNS resolver is not on the class path.",
					"Add the dependency io.netty:netty-resolver-dns, which backend-starter brings.");
		}
		return source.equals(DiscoveryProperties.CONSUL) ? consulFailure() : redisFailure();
	}

	private BackendConfigurationException redisFailure() {
		if (!ClassUtils.isPresent(REDIS_CLIENT, this.classLoader)) {
			return missing("backend.discovery.sources has 'redis', but no Redis client is on the class path.",
					"Add the dependency org.springframework.boot:spring-boot-starter-data-redis, "
							+ "or declare a ServiceDiscovery bean.");
		}
		if (!this.environment.containsProperty(RedisDiscoveryProperties.KEY)) {
			return missing("backend.discovery.redis.key is not set (expected: the registry key of the fleet).",
					"Set it to the key under which the fleet's services register, or declare a ServiceDiscovery bean.");
		}
		return missing(
				"backend.discovery.sources has 'redis', but there is no RedisConnectionFactory bean, or several and no "
						+ "primary one.",
				"Let Spring Boot make one (is its Redis auto-configuration excluded?), or mark one @Primary.");
	}

	private BackendConfigurationException consulFailure() {
		if (!ClassUtils.isPresent(CONSUL_CLIENT, this.classLoader)) {
			return missing("backend.discovery.sources has 'consul', but Spring Cloud Consul is not on the class path.",
					"Add the dependency org.springframework.cloud:spring-cloud-starter-consul-discovery, whose version the "
							+ "BOM org.springframework.cloud:spring-cloud-dependencies has, and "
							+ "org.springframework.boot:spring-boot-starter-jackson, "
							+ "or declare a ServiceDiscovery bean.");
		}
		if (!ClassUtils.isPresent(JSON, this.classLoader)) {
			return missing("backend.discovery.sources has 'consul', but Jackson is not on the class path.",
					"Add the dependency org.springframework.boot:spring-boot-starter-jackson.");
		}
		if (!ClassUtils.isPresent(HTTP_CLIENT, this.classLoader)) {
			return missing(
					"backend.discovery.sources has 'consul', but reactor-netty's HTTP client is not on the class path.",
					"Add the dependency io.projectreactor.netty:reactor-netty-http, which backend-starter brings.");
		}
		return missing("backend.discovery.sources has 'consul', but there is no ConsulProperties bean.",
				"Let Spring Cloud Consul make one (is spring.cloud.consul.enabled false, or its auto-configuration "
						+ "excluded?), or declare a ServiceDiscovery bean.");
	}

	private static BackendConfigurationException missing(String reason, String action) {
		return new BackendConfigurationException("A backend has nowhere to discover its instances: " + reason, action);
	}

}
