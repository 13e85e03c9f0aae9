package dev.backend.autoconfigure.tcp;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import dev.backend.autoconfigure.fleet.FleetBeans;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.autoconfigure.fleet.SettingsRefresh;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpLimits;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTimings;

/**
 * Applies changed properties below {@code backend.tcp} to the {@link TcpBackend} beans.
 */
final class TcpSettingsRefresh extends SettingsRefresh<TcpSettings, TcpBackendProperties, TcpBackend<?>> {

	/** The properties, and parents of properties, that are only read at start. */
	static final Set<String> READ_AT_START = Set.of("await-ready", "codec", "connect.local-address", "consistent-hash",
			"dispatch.threads", "enabled", "event-loops", "health", "limits.concurrent-dials", "limits.outbound-bytes",
			"observations", "publish-traffic-events", "services", "ssl", "tick-interval");

	TcpSettingsRefresh(Fleets<TcpBackendProperties> fleets, Supplier<List<TcpBackend<?>>> backends, FleetBeans beans) {
		super(fleets, READ_AT_START, backends, (fleet) -> beans.find(TcpSettings.class, fleet.name()) != null);
	}

	@Override
	protected TcpSettings toSettings(TcpBackendProperties properties) {
		return properties.toSettings();
	}

	@Override
	protected TcpSettings withStartValues(TcpSettings changed, TcpSettings start) {
		TcpLimits limits = changed.limits();
		TcpTimings timings = changed.timings();
		return changed
			.withLimits(limits.withOutboundBytes(start.limits().outboundBytes())
				.withConcurrentDials(start.limits().concurrentDials()))
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(), start.timings().tickInterval(),
					timings.idQuarantine()));
	}

	@Override
	protected TcpSettings settings(TcpBackend<?> backend) {
		return backend.settings();
	}

	@Override
	protected void settings(TcpBackend<?> backend, TcpSettings settings) {
		backend.settings(settings);
	}

}
