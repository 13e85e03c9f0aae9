package dev.backend.autoconfigure.discovery;

import java.net.URI;
import java.util.List;
import java.util.Objects;

import javax.net.ssl.SSLContext;

import dev.backend.discovery.consul.ConsulAccess;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.cloud.consul.ConsulAutoConfiguration;
import org.springframework.cloud.consul.ConsulProperties;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Where Spring Cloud Consul finds the agent, and how it proves who it is: what
 * spring.cloud.consul says, in the way in which Spring Cloud Consul understands it. Its
 * client itself carries no long poll.
 */
final class SpringCloudConsul {

	/** Where Spring Cloud Consul looks for the token, in its order. */
	private static final List<String> TOKENS = List.of("spring.cloud.consul.discovery.acl-token", "consul.token",
			"CONSUL_TOKEN", "spring.cloud.consul.token", "SPRING_CLOUD_CONSUL_TOKEN");

	private final ConsulProperties properties;

	private final Environment environment;

	SpringCloudConsul(ConsulProperties properties, Environment environment) {
		this.properties = properties;
		this.environment = environment;
	}

	/**
	 * Returns the access to the agent.
	 * @return where the agent is, and how to prove who asks
	 */
	ConsulAccess access() {
		String base = ConsulAutoConfiguration.createConsulClientBaseUrl(this.properties);
		return agent(base).withToken(token()).withSslContext(sslContext(base));
	}

	private ConsulAccess agent(String base) {
		try {
			return ConsulAccess.of(URI.create(base));
		}
		catch (IllegalArgumentException ex) {
			String host = this.properties.getHost();
			boolean secret = host.contains("@");
			throw new InvalidConfigurationPropertyValueException("spring.cloud.consul.host",
					secret ? "(with user information)" : host,
					secret ? "Expected: a host name or an address." : String.valueOf(ex.getMessage()));
		}
	}

	private @Nullable String token() {
		return TOKENS.stream()
			.map(this.environment::getProperty)
			.filter(Objects::nonNull)
			.filter(StringUtils::hasText)
			.findFirst()
			.orElse(null);
	}

	private @Nullable SSLContext sslContext(String base) {
		if (this.properties.getTls() == null) {
			return null;
		}
		HttpClientSettings http = ConsulAutoConfiguration.createConsulClientSettings(base, this.properties.getTls())
			.httpClientSettings();
		return (http != null && http.sslBundle() != null) ? http.sslBundle().createSslContext() : null;
	}

}
