package dev.backend.autoconfigure.observation;

import dev.backend.autoconfigure.fleet.ConditionalOnFleetProperty;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/**
 * Auto-configuration of the observations of requests and handlers: those of the fleets
 * that ask for them, and if there is a tracer of all that do not refuse them. Without a
 * tracer, Spring Boot would make nothing of each but a second timer. Ordered last, so
 * that tracers of other auto-configurations are there.
 */
@AutoConfiguration
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(ObservationRegistry.class)
public final class TcpObservationAutoConfiguration {

	private static final String PREFIX = "backend.tcp";

	private static final String PROPERTY = "observations.enabled";

	@Bean("tcpObservations")
	@ConditionalOnBean(type = "io.micrometer.tracing.Tracer")
	@ConditionalOnFleetProperty(prefix = PREFIX, name = PROPERTY, matchIfMissing = true, aboveFleets = true)
	TcpObservations tracedTcpObservations(ObservationRegistry registry,
			ObjectProvider<TcpRequestObservationConvention> requests,
			ObjectProvider<TcpMessageObservationConvention> messages) {
		return observations(registry, requests, messages, true);
	}

	@Bean("tcpObservations")
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	@ConditionalOnFleetProperty(prefix = PREFIX, name = PROPERTY, aboveFleets = true)
	TcpObservations untracedTcpObservations(ObservationRegistry registry,
			ObjectProvider<TcpRequestObservationConvention> requests,
			ObjectProvider<TcpMessageObservationConvention> messages) {
		return observations(registry, requests, messages, false);
	}

	private static TcpObservations observations(ObservationRegistry registry,
			ObjectProvider<TcpRequestObservationConvention> requests,
			ObjectProvider<TcpMessageObservationConvention> messages, boolean traced) {
		return new TcpObservations(registry, requests.getIfAvailable(() -> new TcpRequestObservationConvention() {
		}), messages.getIfAvailable(() -> new TcpMessageObservationConvention() {
		}), traced);
	}

}
