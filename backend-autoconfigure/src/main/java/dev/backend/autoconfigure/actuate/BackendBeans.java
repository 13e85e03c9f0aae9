package dev.backend.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.backend.fleet.FleetBackend;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;

/**
 * The backends of an application by bean name.
 */
final class BackendBeans {

	private BackendBeans() {
	}

	static Map<String, FleetBackend<?, ?>> all(ConfigurableListableBeanFactory beanFactory) {
		Map<String, FleetBackend<?, ?>> backends = new LinkedHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, FleetBackend.class)
			.forEach(backends::put);
		return backends;
	}

	static <B extends FleetBackend<?, ?>> Map<String, FleetBackend<?, ?>> of(Class<B> type,
			ConfigurableListableBeanFactory beanFactory) {
		Map<String, FleetBackend<?, ?>> backends = all(beanFactory);
		backends.values().removeIf((backend) -> !type.isInstance(backend));
		return backends;
	}

}
