package dev.backend.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.backend.fleet.FleetBackend;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;

/**
 * The backends of an application by bean name.
 */
public final class BackendBeans {

	private BackendBeans() {
	}

	/**
	 * Returns all backends, those that are no default candidates included.
	 * @param beanFactory where they are
	 * @return the backends by bean name
	 */
	public static Map<String, FleetBackend<?, ?>> all(ConfigurableListableBeanFactory beanFactory) {
		Map<String, FleetBackend<?, ?>> backends = new LinkedHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, FleetBackend.class)
			.forEach(backends::put);
		return backends;
	}

	/**
	 * Returns the backends of one protocol.
	 * @param <B> the type of the backends
	 * @param type their type
	 * @param beanFactory where they are
	 * @return the backends by bean name
	 */
	public static <B extends FleetBackend<?, ?>> Map<String, FleetBackend<?, ?>> of(Class<B> type,
			ConfigurableListableBeanFactory beanFactory) {
		Map<String, FleetBackend<?, ?>> backends = all(beanFactory);
		backends.values().removeIf((backend) -> !type.isInstance(backend));
		return backends;
	}

}
