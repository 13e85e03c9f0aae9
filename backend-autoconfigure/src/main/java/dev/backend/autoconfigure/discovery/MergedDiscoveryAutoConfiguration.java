package dev.backend.autoconfigure.discovery;

import java.nio.file.Path;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.guard.SnapshotFileDiscovery;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.util.ClassUtils;

/**
 * Auto-configuration of the one discovery that stands for all sources.
 */
@AutoConfiguration(after = { ConsulDiscoveryAutoConfiguration.class, DnsDiscoveryAutoConfiguration.class,
		RedisDiscoveryAutoConfiguration.class, SpringCloudDiscoveryAutoConfiguration.class,
		StaticDiscoveryAutoConfiguration.class })
@ConditionalOnBean(DiscoverySource.class)
public final class MergedDiscoveryAutoConfiguration {

	private static final String JSON = "tools.jackson.databind.json.JsonMapper";

	@Bean
	@ConditionalOnMissingBean
	ServiceDiscovery backendServiceDiscovery(DiscoveryResolver resolver, DiscoveryProperties properties,
			InstanceRules rules, ObjectProvider<DiscoverySource> sources) {
		return resolver.merge(sources.stream().map((source) -> kept(source, properties, rules)).toList());
	}

	private static DiscoverySource kept(DiscoverySource source, DiscoveryProperties properties, InstanceRules rules) {
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
				directory.resolve(source.name() + ".json"), properties.snapshot().checkedMaximumAge(), rules));
	}

}
