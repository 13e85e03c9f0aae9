package dev.backend.autoconfigure.observation;

import java.util.Locale;

import dev.backend.tcp.RequestOutcome;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * How requests are observed: the name {@code backend.tcp.request}, the names of backend
 * and service and the outcome as keys of few values, the id of the instance as one of
 * many. A bean of this type replaces the default.
 */
public interface TcpRequestObservationConvention extends ObservationConvention<TcpRequestContext> {

	@Override
	default String getName() {
		return "backend.tcp.request";
	}

	@Override
	default String getContextualName(TcpRequestContext context) {
		return "request " + context.getConfig().name();
	}

	@Override
	default KeyValues getLowCardinalityKeyValues(TcpRequestContext context) {
		RequestOutcome outcome = context.getOutcome();
		return KeyValues.of(KeyValue.of("backend", context.getBackend()),
				KeyValue.of("service.name", context.getConfig().name()),
				KeyValue.of("outcome", (outcome != null) ? outcome.name().toLowerCase(Locale.ROOT) : "none"));
	}

	@Override
	default KeyValues getHighCardinalityKeyValues(TcpRequestContext context) {
		return KeyValues.of("service.instance", context.getConfig().id());
	}

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof TcpRequestContext;
	}

}
