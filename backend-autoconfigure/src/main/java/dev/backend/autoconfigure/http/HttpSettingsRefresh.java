package dev.backend.autoconfigure.http;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import dev.backend.autoconfigure.fleet.FleetBeans;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.autoconfigure.fleet.SettingsRefresh;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpSettings;

/**
 * Applies changed properties below {@code backend.http} to the {@link HttpBackend} beans.
 */
final class HttpSettingsRefresh extends SettingsRefresh<HttpSettings, HttpBackendProperties, HttpBackend> {

	/** The properties, and parents of properties, that are only read at start. */
	static final Set<String> READ_AT_START = Set.of("await-ready", "consistent-hash", "ejection.cancelled-after",
			"enabled", "health", "load-balancer", "probe.concurrency", "route", "services", "ssl");

	HttpSettingsRefresh(Fleets<HttpBackendProperties> fleets, Supplier<List<HttpBackend>> backends, FleetBeans beans) {
		super(fleets, READ_AT_START, backends, (fleet) -> beans.find(HttpSettings.class, fleet.name()) != null);
	}

	@Override
	protected HttpSettings toSettings(HttpBackendProperties properties) {
		return properties.toSettings();
	}

	@Override
	protected HttpSettings withStartValues(HttpSettings changed, HttpSettings start) {
		return changed.withConcurrentProbes(start.concurrentProbes());
	}

	@Override
	protected HttpSettings settings(HttpBackend backend) {
		return backend.settings();
	}

	@Override
	protected void settings(HttpBackend backend, HttpSettings settings) {
		backend.settings(settings);
	}

}
