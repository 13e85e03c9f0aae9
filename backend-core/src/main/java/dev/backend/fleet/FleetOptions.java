package dev.backend.fleet;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import dev.backend.ServiceInfoFactory;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.logging.FailureLog;
import org.jspecify.annotations.Nullable;

/**
 * What every run of a backend is made from, whatever its protocol.
 *
 * @param name how logs and threads name the backend
 * @param discovery where instances come from
 * @param filter which of them belong to the backend
 * @param confirmationDelay how much later a read must confirm a loss; zero if one read is
 * enough, {@code null} for what the sources say
 * @param infoFactory makes the user's object of each service, or {@code null} for none
 * @param threads gives a run its threads
 * @param handlerExecutor what runs handlers and hooks, or {@code null} for those threads
 * @param failureLog bounds what is logged of the services
 */
record FleetOptions(String name, ServiceDiscovery discovery, InstanceFilter filter,
		@Nullable Duration confirmationDelay, @Nullable ServiceInfoFactory infoFactory, Supplier<SharedThreads> threads,
		@Nullable Executor handlerExecutor, FailureLog failureLog) {
}
