package dev.backend.autoconfigure.event;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

import dev.backend.autoconfigure.fleet.ConditionalOnFleetProperty;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.autoconfigure.tcp.TcpBackendProperties;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
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
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BackendEventPublisher backendEventPublisher(ApplicationEventPublisher publisher) {
		return new BackendEventPublisher(publisher);
	}

	@Bean
	@Order(ORDER)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	@ConditionalOnFleetProperty(prefix = "backend.tcp", name = "publish-traffic-events", aboveFleets = true)
	TrafficEventPublisher backendTrafficEventPublisher(ApplicationEventPublisher publisher,
			ObjectProvider<Fleets<TcpBackendProperties>> fleets) {
		return new TrafficEventPublisher(publisher, publishing(fleets.getIfAvailable()));
	}

	/** A backend that is of no fleet does as the properties above all fleets say. */
	private static Predicate<String> publishing(@Nullable Fleets<TcpBackendProperties> fleets) {
		if (fleets == null || fleets.names().isEmpty()) {
			return (backend) -> true;
		}
		Map<String, Boolean> ofFleets = new HashMap<>();
		fleets.all()
			.forEach((fleet) -> ofFleets.put(fleets.beanName(Objects.requireNonNull(fleet.name())),
					fleet.properties().publishTrafficEvents()));
		boolean others = fleets.get(null).properties().publishTrafficEvents();
		return (backend) -> ofFleets.getOrDefault(backend, others);
	}

}
