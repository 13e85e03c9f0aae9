package dev.backend.autoconfigure.event;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration of the application events.
 */
@AutoConfiguration
public final class BackendEventAutoConfiguration {

	/** Listener beans without an order come behind the events. */
	private static final int ORDER = 0;

	@Bean
	@Order(ORDER)
	@ConditionalOnMissingBean
	BackendEventPublisher backendEventPublisher(ApplicationEventPublisher publisher) {
		return new BackendEventPublisher(publisher);
	}

	@Bean
	@Order(ORDER)
	@ConditionalOnMissingBean
	@ConditionalOnBooleanProperty("backend.tcp.publish-traffic-events")
	TrafficEventPublisher backendTrafficEventPublisher(ApplicationEventPublisher publisher) {
		return new TrafficEventPublisher(publisher);
	}

}
