package dev.backend.autoconfigure.http;

import java.util.Set;

import dev.backend.autoconfigure.fleet.FleetBinder;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.analyzer.AbstractInjectionFailureAnalyzer;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/**
 * Explains why a {@code HttpBackend}, or what is made of it, could not be injected: it is
 * off by default.
 */
@Order(0)
class HttpBackendInjectionFailureAnalyzer extends AbstractInjectionFailureAnalyzer<NoSuchBeanDefinitionException> {

	/** By their names: those of HTTP clients need classes that may not be there. */
	private static final Set<String> TYPES = Set.of("dev.backend.http.HttpBackend",
			"dev.backend.http.HttpBackend$Builder", "dev.backend.autoconfigure.http.HttpBackendRequestFactories",
			"dev.backend.autoconfigure.http.HttpBackendExchangeFilter",
			"dev.backend.autoconfigure.http.InstanceRestClients", "dev.backend.autoconfigure.http.InstanceWebClients");

	private final @Nullable Environment environment;

	HttpBackendInjectionFailureAnalyzer(@Nullable Environment environment) {
		this.environment = environment;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchBeanDefinitionException cause,
			@Nullable String description) {
		ResolvableType type = cause.getResolvableType();
		if (type == null || this.environment == null || !TYPES.contains(type.toClass().getName())
				|| new FleetBinder(HttpFleets.PREFIX, this.environment).isTrueAnywhere("enabled", false)) {
			return null;
		}
		return new FailureAnalysis(
				"%s needs a %s, but backend.http.enabled is not true."
					.formatted((description != null) ? description : "A bean", type.toClass().getSimpleName()),
				"Set backend.http.enabled to true.", cause);
	}

}
