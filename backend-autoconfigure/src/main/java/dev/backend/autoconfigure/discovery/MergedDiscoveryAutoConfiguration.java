package dev.backend.autoconfigure.discovery;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.guard.AllowList;
import dev.backend.discovery.guard.AllowListDiscovery;
import dev.backend.discovery.guard.SnapshotFileDiscovery;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.util.ClassUtils;

/**
 * Auto-configuration of the one discovery that stands for all sources.
 */
@AutoConfiguration(after = { ConsulDiscoveryAutoConfiguration.class, RedisDiscoveryAutoConfiguration.class,
		SpringCloudDiscoveryAutoConfiguration.class, StaticDiscoveryAutoConfiguration.class })
@ConditionalOnBean(DiscoverySource.class)
public final class MergedDiscoveryAutoConfiguration {

	private static final String JSON = "tools.jackson.databind.json.JsonMapper";

	@Bean
	@ConditionalOnMissingBean
	ServiceDiscovery backendServiceDiscovery(DiscoveryResolver resolver, DiscoveryProperties properties,
			ObjectProvider<DiscoverySource> sources) {
		return limited(resolver.merge(sources.stream().map((source) -> kept(source, properties)).toList()), properties);
	}

	private static DiscoverySource kept(DiscoverySource source, DiscoveryProperties properties) {
		Path directory = properties.snapshot().directory();
		if (directory == null || source.name().equals(DiscoveryProperties.STATIC)) {
			return source;
		}
		if (!ClassUtils.isPresent(JSON, MergedDiscoveryAutoConfiguration.class.getClassLoader())) {
			throw new BackendConfigurationException(
					"backend.discovery.snapshot.directory is set, but Jackson is not on the class path.",
					"Add the dependency org.springframework.boot:spring-boot-starter-jackson.");
		}
		return new DiscoverySource(source.name(), SnapshotFileDiscovery.of(source.discovery(),
				directory.resolve(source.name() + ".json"), properties.snapshot().checkedMaximumAge()));
	}

	private static ServiceDiscovery limited(ServiceDiscovery discovery, DiscoveryProperties properties) {
		if (properties.allowedAddresses().isEmpty() && properties.allowedPorts().isEmpty()) {
			return discovery;
		}
		return AllowListDiscovery.of(discovery,
				AllowList.of(
						checked("backend.discovery.allowed-addresses", properties.allowedAddresses(),
								(addresses) -> AllowList.of(addresses, List.of())),
						checked("backend.discovery.allowed-ports", properties.allowedPorts(),
								(ports) -> AllowList.of(List.of(), ports))));
	}

	private static List<String> checked(String property, List<String> values,
			Function<List<String>, AllowList> parser) {
		for (String value : values) {
			try {
				parser.apply(List.of(value));
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidConfigurationPropertyValueException(property, value, ex.getMessage());
			}
		}
		return values;
	}

}
