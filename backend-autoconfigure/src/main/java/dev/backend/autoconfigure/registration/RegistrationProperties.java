package dev.backend.autoconfigure.registration;

import java.util.Map;
import java.util.Set;

import dev.backend.ServiceConfig;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The registration of this application. Read at start.
 *
 * @param enabled Whether to register this application while it runs.
 * @param name Service name to register. Taken from spring.application.name if not set.
 * @param id Id of this instance, unique within the name. Made of name, address and port
 * if not set.
 * @param scheme Protocol that this application serves, such as tcp or http.
 * @param address Host name or IP address under which others reach this application. The
 * first address of this machine that is not loopback if not set.
 * @param port Port under which others reach this application. The port of the web server
 * if not set and the scheme is http or https; needed for any other.
 * @param tags Routing tags.
 * @param metadata Further pairs to register; visible to everyone who reads the registry.
 */
@Validated
@ConfigurationProperties("backend.registration")
public record RegistrationProperties(@DefaultValue("false") boolean enabled, @Nullable String name, @Nullable String id,
		@DefaultValue(ServiceConfig.SCHEME_TCP) String scheme, @Nullable String address,
		@Nullable @Min(1) @Max(65535) Integer port, @DefaultValue Set<String> tags,
		@DefaultValue Map<String, String> metadata) {

}
