package dev.backend.autoconfigure.http;

import java.util.Set;
import java.util.function.UnaryOperator;

import dev.backend.autoconfigure.SettingsRefresh;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpSettings;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Applies changed properties below {@code backend.http} to the {@link HttpBackend} beans.
 */
final class HttpSettingsRefresh extends SettingsRefresh<HttpSettings> {

	/** The properties, and parents of properties, that are only read at start. */
	static final Set<String> READ_AT_START = Set.of("await-ready", "consistent-hash", "ejection.cancelled-after",
			"enabled", "health", "load-balancer", "probe.concurrency", "route", "ssl");

	private final ObjectProvider<HttpBackend> backends;

	HttpSettingsRefresh(HttpSettings settings, Environment environment, ObjectProvider<HttpBackend> backends) {
		super("backend.http", READ_AT_START, settings, environment);
		this.backends = backends;
	}

	@Override
	protected HttpSettings bind(Binder binder) {
		return binder.bindOrCreate("backend.http", HttpBackendProperties.class).toSettings();
	}

	@Override
	protected HttpSettings withStartValues(HttpSettings changed, HttpSettings start) {
		return changed.withConcurrentProbes(start.concurrentProbes());
	}

	@Override
	protected void apply(UnaryOperator<HttpSettings> change) {
		for (HttpBackend backend : this.backends) {
			HttpSettings next = change.apply(backend.settings());
			if (!next.equals(backend.settings())) {
				backend.settings(next);
			}
		}
	}

}
