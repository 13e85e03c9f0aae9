package dev.backend.autoconfigure.discovery;

import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.dns.DnsDiscoverySettings;
import dev.backend.discovery.dns.DnsServiceDiscovery;
import io.netty.resolver.dns.DnsNameResolver;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of discovery in DNS.
 */
@AutoConfiguration(after = DiscoveryAutoConfiguration.class)
@ConditionalOnClass(DnsNameResolver.class)
@ConditionalOnDiscoverySource(DiscoveryProperties.DNS)
@EnableConfigurationProperties(DnsDiscoveryProperties.class)
public final class DnsDiscoveryAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	DnsDiscoverySettings dnsDiscoverySettings(DnsDiscoveryProperties properties, InstanceRules rules) {
		return properties.toSettings(rules);
	}

	@Bean
	@ConditionalOnMissingBean(ServiceDiscovery.class)
	DiscoverySource dnsDiscoverySource(DnsDiscoverySettings settings) {
		return new DiscoverySource(DiscoveryProperties.DNS, new DnsServiceDiscovery(settings));
	}

}
