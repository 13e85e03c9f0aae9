package dev.backend.autoconfigure.observation;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;

/**
 * Matches where observations are asked for, or there is a tracer and they are not
 * refused. Without a tracer, Spring Boot would make nothing of each but a second timer.
 */
class OnObservationsCondition extends AnyNestedCondition {

	private static final String PROPERTY = "backend.tcp.observations.enabled";

	OnObservationsCondition() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnBooleanProperty(PROPERTY)
	static class Asked {

	}

	@ConditionalOnBooleanProperty(name = PROPERTY, matchIfMissing = true)
	@ConditionalOnBean(type = "io.micrometer.tracing.Tracer")
	static class Traced {

	}

}
