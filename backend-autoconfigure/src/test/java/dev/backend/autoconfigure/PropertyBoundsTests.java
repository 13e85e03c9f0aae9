package dev.backend.autoconfigure;

import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import dev.backend.autoconfigure.discovery.ConsulDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.DnsDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.SpringCloudDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.StaticDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.metrics.BackendMetricsAutoConfiguration;
import dev.backend.autoconfigure.registration.RedisRegistrationAutoConfiguration;
import dev.backend.autoconfigure.registration.RegistrationAutoConfiguration;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.CommonsClientAutoConfiguration;
import org.springframework.cloud.client.discovery.composite.CompositeDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.discovery.simple.SimpleDiscoveryClientAutoConfiguration;
import org.springframework.cloud.commons.util.UtilAutoConfiguration;
import org.springframework.cloud.consul.ConsulAutoConfiguration;
import org.springframework.validation.FieldError;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is read when a number, a size or a time is out of its range, for each property
 * that is one, whether or not there is a validator.
 */
@SlowTest
class PropertyBoundsTests {

	private static final Map<String, String> BAD_VALUES = Map.of("java.lang.Integer", "-1", "java.time.Duration", "-1s",
			"org.springframework.util.unit.DataSize", "-1B");

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class, ConsulAutoConfiguration.class,
				UtilAutoConfiguration.class, CommonsClientAutoConfiguration.class,
				SimpleDiscoveryClientAutoConfiguration.class, CompositeDiscoveryClientAutoConfiguration.class,
				DiscoveryAutoConfiguration.class, RedisDiscoveryAutoConfiguration.class,
				ConsulDiscoveryAutoConfiguration.class, SpringCloudDiscoveryAutoConfiguration.class,
				DnsDiscoveryAutoConfiguration.class, StaticDiscoveryAutoConfiguration.class,
				MergedDiscoveryAutoConfiguration.class, RegistrationAutoConfiguration.class,
				RedisRegistrationAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				HttpBackendAutoConfiguration.class, BackendMetricsAutoConfiguration.class))
		.withBean(LineCodec.class)
		.withPropertyValues("backend.discovery.sources=redis,consul,spring-cloud,dns,static",
				"backend.discovery.dns.services[0].name=game", "backend.discovery.dns.services[0].host=game.example",
				"backend.discovery.dns.services[0].port=7001", "backend.discovery.redis.key=games",
				"backend.http.enabled=true", "backend.discovery.snapshot.directory=target/snapshots",
				"backend.registration.enabled=true", "backend.registration.name=gateway",
				"backend.registration.port=7001");

	@ParameterizedTest
	@MethodSource("bounded")
	void theMessageNamesPropertyValueAndExpectation(String property, String value) {
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues(property + "=" + value);
		runner.run((context) -> {
			assertThat(context).hasFailed();
			assertExplained(Objects.requireNonNull(context.getStartupFailure()), property);
		});
		runner.withClassLoader(new FilteredClassLoader("jakarta.validation")).run((context) -> {
			assertThat(context).hasFailed();
			Throwable failure = Objects.requireNonNull(context.getStartupFailure());
			assertThat(find(failure, InvalidConfigurationPropertyValueException.class)).as(failure.toString())
				.isNotNull();
			assertExplained(failure, property);
		});
	}

	static Stream<Arguments> bounded() throws Exception {
		try (InputStream in = Objects.requireNonNull(
				PropertyBoundsTests.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json"))) {
			JsonNode properties = JsonMapper.shared().readTree(in).at("/properties");
			return StreamSupport.stream(properties.spliterator(), false)
				.filter((property) -> property.at("/name").asString().startsWith("backend."))
				.filter((property) -> BAD_VALUES.containsKey(property.at("/type").asString()))
				.map((property) -> Arguments.of(property.at("/name").asString(),
						Objects.requireNonNull(BAD_VALUES.get(property.at("/type").asString()))))
				.toList()
				.stream();
		}
	}

	private static void assertExplained(Throwable failure, String property) {
		InvalidConfigurationPropertyValueException refused = find(failure,
				InvalidConfigurationPropertyValueException.class);
		if (refused != null) {
			assertThat(refused.getName()).isEqualTo(property);
			assertThat(String.valueOf(refused.getValue())).contains("-1");
			assertThat(refused.getReason()).startsWith("Expected: ").endsWith(".");
			return;
		}
		BindValidationException invalid = Objects.requireNonNull(find(failure, BindValidationException.class),
				failure::toString);
		assertThat(invalid.getValidationErrors().getAllErrors()).singleElement().satisfies((error) -> {
			FieldError field = (FieldError) error;
			assertThat(ConfigurationPropertyName
				.adapt(invalid.getValidationErrors().getName() + "." + field.getField(), '.')
				.equals(ConfigurationPropertyName.of(property.replace("-", "")))).as(field.getField()).isTrue();
			assertThat(String.valueOf(field.getRejectedValue())).isEqualTo("-1");
			assertThat(field.getDefaultMessage()).matches("must be greater than( or equal to)? \\d+");
		});
	}

	private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (type.isInstance(cause)) {
				return type.cast(cause);
			}
		}
		return null;
	}

}
