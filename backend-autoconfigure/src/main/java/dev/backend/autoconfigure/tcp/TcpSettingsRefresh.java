package dev.backend.autoconfigure.tcp;

import java.util.Set;
import java.util.function.UnaryOperator;

import dev.backend.autoconfigure.SettingsRefresh;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpLimits;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTimings;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Applies changed properties below {@code backend.tcp} to the {@link TcpBackend} beans.
 */
final class TcpSettingsRefresh extends SettingsRefresh<TcpSettings> {

	/** The properties, and parents of properties, that are only read at start. */
	static final Set<String> READ_AT_START = Set.of("await-ready", "codec", "connect.local-address", "consistent-hash",
			"dispatch.threads", "enabled", "event-loops", "health", "limits.concurrent-dials", "limits.outbound-bytes",
			"observations", "publish-traffic-events", "ssl", "tick-interval");

	private final ObjectProvider<TcpBackend<?>> backends;

	TcpSettingsRefresh(TcpSettings settings, Environment environment, ObjectProvider<TcpBackend<?>> backends) {
		super("backend.tcp", READ_AT_START, settings, environment);
		this.backends = backends;
	}

	@Override
	protected TcpSettings bind(Binder binder) {
		return binder.bindOrCreate("backend.tcp", TcpBackendProperties.class).toSettings();
	}

	@Override
	protected TcpSettings withStartValues(TcpSettings changed, TcpSettings start) {
		TcpLimits limits = changed.limits();
		TcpTimings timings = changed.timings();
		return changed
			.withLimits(new TcpLimits(limits.queuedMessages(), start.limits().outboundBytes(), limits.pendingRequests(),
					limits.inboundMessages(), limits.frameBytes(), start.limits().concurrentDials()))
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(), start.timings().tickInterval(),
					timings.idQuarantine()));
	}

	@Override
	protected void apply(UnaryOperator<TcpSettings> change) {
		for (TcpBackend<?> backend : this.backends) {
			TcpSettings next = change.apply(backend.settings());
			if (!next.equals(backend.settings())) {
				backend.settings(next);
			}
		}
	}

}
