package dev.backend.autoconfigure.observation;

import dev.backend.tcp.TcpInstrumentation;
import io.micrometer.observation.ObservationRegistry;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.Ordered;

/**
 * Auto-configuration of the observations of requests and handlers. Ordered last, so that
 * tracers of other auto-configurations are there.
 */
@AutoConfiguration
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(ObservationRegistry.class)
@Conditional(OnObservationsCondition.class)
public final class TcpObservationAutoConfiguration {

	@Bean
	TcpInstrumentation tcpObservations(ObservationRegistry registry,
			ObjectProvider<TcpRequestObservationConvention> requests,
			ObjectProvider<TcpMessageObservationConvention> messages) {
		return new TcpObservations(registry, requests.getIfAvailable(() -> new TcpRequestObservationConvention() {
		}), messages.getIfAvailable(() -> new TcpMessageObservationConvention() {
		}));
	}

}
