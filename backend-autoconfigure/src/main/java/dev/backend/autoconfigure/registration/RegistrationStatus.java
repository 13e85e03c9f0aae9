package dev.backend.autoconfigure.registration;

import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * How a registration is doing.
 *
 * @param service what is, or is to be, registered
 * @param registered whether others see it
 * @param lastError why the last heartbeat failed, without secrets, or {@code null}
 */
public record RegistrationStatus(ServiceConfig service, boolean registered, @Nullable String lastError) {

}
