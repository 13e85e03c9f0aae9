package dev.backend.autoconfigure.observation;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * How the handling of messages is observed: the name {@code backend.tcp.message}, the
 * names of backend and service as keys of few values, the id of the instance as one of
 * many. A bean of this type replaces the default.
 */
public interface TcpMessageObservationConvention extends ObservationConvention<TcpMessageContext> {

	@Override
	default String getName() {
		return "backend.tcp.message";
	}

	@Override
	default String getContextualName(TcpMessageContext context) {
		return "message from " + context.getConfig().name();
	}

	@Override
	default KeyValues getLowCardinalityKeyValues(TcpMessageContext context) {
		return KeyValues.of("backend", context.getBackend(), "service.name", context.getConfig().name());
	}

	@Override
	default KeyValues getHighCardinalityKeyValues(TcpMessageContext context) {
		return KeyValues.of("service.instance", context.getConfig().id());
	}

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof TcpMessageContext;
	}

}
