package dev.backend.autoconfigure.tcp;

import java.util.Set;
import java.util.TreeSet;

import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpLimits;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTimings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.Environment;

/**
 * Applies properties below {@code backend.tcp} that changed while running to the
 * {@link TcpBackend} beans. If the new values do not make valid settings, all stays as it
 * is. A backend whose settings the application has chosen itself is left alone.
 */
final class TcpSettingsRefresh implements ApplicationListener<EnvironmentChangeEvent> {

	/** The properties, and parents of properties, that are only read at start. */
	static final Set<String> READ_AT_START = Set.of("await-ready", "codec", "connect.local-address", "consistent-hash",
			"dispatch.threads", "enabled", "event-loops", "health", "limits.concurrent-dials", "limits.outbound-bytes",
			"publish-traffic-events", "ssl", "tick-interval");

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("backend.tcp");

	private static final Logger logger = LoggerFactory.getLogger(TcpSettingsRefresh.class);

	private final Environment environment;

	private final ObjectProvider<TcpBackend<?>> backends;

	private TcpSettings settings;

	TcpSettingsRefresh(TcpSettings settings, Environment environment, ObjectProvider<TcpBackend<?>> backends) {
		this.settings = settings;
		this.environment = environment;
		this.backends = backends;
	}

	@Override
	public synchronized void onApplicationEvent(EnvironmentChangeEvent event) {
		Set<String> changed = new TreeSet<>();
		for (String key : event.getKeys()) {
			ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key, '.');
			if (PREFIX.isAncestorOf(name)) {
				changed.add(name.toString());
			}
		}
		if (!changed.isEmpty()) {
			refresh(changed);
		}
	}

	private void refresh(Set<String> changed) {
		try {
			apply(Binder.get(this.environment)
				.bindOrCreate(PREFIX.toString(), TcpBackendProperties.class)
				.toSettings());
			Set<String> late = new TreeSet<>(changed);
			late.removeIf((property) -> !readAtStart(property));
			changed.removeAll(late);
			logger.info("Changed properties are applied: {}; at the next start only: {}", changed, late);
		}
		catch (InvalidConfigurationPropertyValueException ex) {
			refuse(ex.getName(), ex.getValue(), ex.getReason());
		}
		catch (BindException ex) {
			ConfigurationProperty property = ex.getProperty();
			refuse(ex.getName().toString(), (property != null) ? property.getValue() : null,
					NestedExceptionUtils.getMostSpecificCause(ex).getMessage());
		}
		catch (RuntimeException ex) {
			logger.error("Changed properties are not applied: {}", changed, ex);
		}
	}

	private void apply(TcpSettings changed) {
		TcpSettings previous = this.settings;
		TcpSettings next = withStartValues(changed, previous);
		this.settings = next;
		for (TcpBackend<?> backend : this.backends) {
			if (backend.settings().equals(previous)) {
				backend.settings(next);
			}
		}
	}

	/** What is read at start keeps its value, so that the settings say what is in use. */
	private static TcpSettings withStartValues(TcpSettings changed, TcpSettings start) {
		TcpLimits limits = changed.limits();
		TcpTimings timings = changed.timings();
		return changed
			.withLimits(new TcpLimits(limits.queuedMessages(), start.limits().outboundBytes(), limits.pendingRequests(),
					limits.inboundMessages(), limits.frameBytes(), start.limits().concurrentDials()))
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(),
					start.timings().tickInterval()));
	}

	private static void refuse(String property, @Nullable Object value, @Nullable String reason) {
		logger.error("Changed properties below {} are not applied, all stay as they were: {}: {} ({})", PREFIX,
				property, value, reason);
	}

	private static boolean readAtStart(String property) {
		ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
		return READ_AT_START.stream()
			.map(PREFIX::append)
			.anyMatch((late) -> late.equals(name) || late.isAncestorOf(name));
	}

}
