package dev.backend.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether an editor can help with every property.
 */
class ConfigurationMetadataTests {

	/** What has no default, because none would be right or because it is empty. */
	private static final Set<String> WITHOUT_DEFAULT = Set.of(
			// the fleet's key: there is no sensible one
			"backend.discovery.redis.key",
			// empty collections
			"backend.discovery.redis.additional-keys", "backend.discovery.redis.services",
			"backend.discovery.allowed-addresses", "backend.discovery.allowed-ports",
			"backend.discovery.consul.services", "backend.discovery.spring-cloud.services",
			"backend.discovery.static.services", "backend.discovery.dns.services", "backend.discovery.dns.name-servers",
			"backend.registration.tags", "backend.registration.metadata", "backend.tcp.health.required-services",
			"backend.http.health.required-services", "backend.tcp.logging.levels", "backend.http.route.services",
			"backend.http.load-balancer.services", "backend.tcp.services", "backend.tcp.fleets",
			"backend.http.services", "backend.http.fleets",
			// no restriction
			"backend.discovery.consul.tag",
			// found out at start, as their descriptions say
			"backend.registration.name", "backend.registration.id", "backend.registration.address",
			"backend.registration.port", "backend.tcp.event-loops", "backend.tcp.codec", "backend.tcp.ssl.enabled",
			"backend.tcp.limits.concurrent-dials", "backend.tcp.limits.read-ahead-bytes", "backend.tcp.ssl.server-name",
			"backend.tcp.connect.local-address", "backend.tcp.observations.enabled",
			// what the sources need
			"backend.discovery.loss-confirmation",
			// off
			"backend.http.probe.path", "backend.discovery.snapshot.directory",
			// found out, or the name of something of the user's
			"backend.http.ssl.enabled", "backend.http.ssl.bundle", "backend.tcp.ssl.bundle");

	private static final Set<String> FREE_TEXT_WITH_KNOWN_VALUES = Set.of("backend.discovery.sources",
			"backend.tcp.consistent-hash", "backend.http.consistent-hash", "backend.registration.scheme",
			"backend.tcp.codec");

	/** Names and addresses that only the user knows. */
	private static final Set<String> FREE_TEXT = Set.of("backend.discovery.consul.tag", "backend.discovery.redis.key",
			"backend.http.probe.path", "backend.http.route.key-header", "backend.http.route.tag-header",
			"backend.http.ssl.bundle", "backend.registration.address", "backend.registration.id",
			"backend.registration.name", "backend.tcp.ssl.bundle", "backend.tcp.ssl.server-name");

	private final JsonNode metadata = read();

	@Test
	void everyPropertyHasADescriptionAndADefault() {
		assertThat(properties()).hasSizeGreaterThan(40).allSatisfy((property) -> {
			String name = property.path("name").asString();
			assertThat(property.path("description").asString("")).as("description of " + name)
				.endsWith(".")
				.doesNotStartWith("The ")
				.doesNotStartWith("A ");
			assertThat(property.has("defaultValue")).as("default of " + name)
				.isEqualTo(!WITHOUT_DEFAULT.contains(name));
		});
	}

	@Test
	void freeTextWithKnownValuesHasHints() {
		assertThat(elements("hints").map((hint) -> hint.path("name").asString()))
			.containsExactlyInAnyOrderElementsOf(FREE_TEXT_WITH_KNOWN_VALUES);
		assertThat(properties().map((property) -> property.path("name").asString()))
			.containsAll(FREE_TEXT_WITH_KNOWN_VALUES)
			.containsAll(WITHOUT_DEFAULT);
	}

	/** Editors know the values of the other types: enums, booleans, numbers, times. */
	@Test
	void everyTextHasHintsOrMayBeAnything() {
		assertThat(properties().filter((property) -> property.path("type").asString().equals("java.lang.String"))
			.map((property) -> property.path("name").asString())
			.filter((name) -> !FREE_TEXT_WITH_KNOWN_VALUES.contains(name)))
			.containsExactlyInAnyOrderElementsOf(FREE_TEXT);
	}

	@Test
	void everyHintHasValuesOrAProviderAndEveryValueOfAnAlgorithmIsDescribed() {
		assertThat(elements("hints")).allSatisfy((hint) -> {
			assertThat(hint.path("values").size() + hint.path("providers").size()).as(hint.toString()).isPositive();
			if (hint.path("providers").isEmpty()) {
				assertThat(hint.path("values"))
					.allSatisfy((value) -> assertThat(value.path("description").asString("")).as(hint.toString())
						.endsWith("."));
			}
		});
	}

	private Stream<JsonNode> properties() {
		return elements("properties");
	}

	private Stream<JsonNode> elements(String name) {
		return StreamSupport.stream(this.metadata.path(name).spliterator(), false);
	}

	private static JsonNode read() {
		URI classes = URI
			.create(BackendConfigurationException.class.getProtectionDomain().getCodeSource().getLocation().toString());
		try (InputStream input = Files
			.newInputStream(Path.of(classes).resolve("META-INF/spring-configuration-metadata.json"))) {
			return JsonMapper.shared().readTree(input);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
