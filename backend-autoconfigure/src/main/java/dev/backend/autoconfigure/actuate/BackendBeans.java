package dev.backend.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.backend.fleet.ServiceBackend;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;

/**
 * The backends of an application by bean name.
 */
final class BackendBeans {

	private BackendBeans() {
	}

	static Map<String, ServiceBackend<?, ?>> all(ConfigurableListableBeanFactory beanFactory) {
		Map<String, ServiceBackend<?, ?>> backends = new LinkedHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, ServiceBackend.class)
			.forEach(backends::put);
		return backends;
	}

	static <B extends ServiceBackend<?, ?>> Map<String, ServiceBackend<?, ?>> of(Class<B> type,
			ConfigurableListableBeanFactory beanFactory) {
		Map<String, ServiceBackend<?, ?>> backends = all(beanFactory);
		backends.values().removeIf((backend) -> !type.isInstance(backend));
		return backends;
	}

}
