package dev.backend.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.backend.fleet.FleetBackend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
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
	 * Returns the backends that a bean is to show: those of parent contexts too, unless
	 * one of its kind shows them there.
	 * @param beanFactory where the bean is
	 * @param shownBy its type
	 * @return the backends by bean name
	 */
	public static Map<String, FleetBackend<?, ?>> toShow(ConfigurableListableBeanFactory beanFactory,
			Class<?> shownBy) {
		Map<String, FleetBackend<?, ?>> backends = all(beanFactory);
		if (beanFactory.getParentBeanFactory() instanceof ListableBeanFactory parent
				&& BeanFactoryUtils.beanNamesForTypeIncludingAncestors(parent, shownBy, true, false).length > 0) {
			backends.keySet().removeIf((name) -> !beanFactory.containsLocalBean(name));
		}
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
		return of(type, all(beanFactory));
	}

	/**
	 * Returns those backends that are of one protocol.
	 * @param <B> the type of the backends
	 * @param type their type
	 * @param backends the backends by bean name
	 * @return the backends of that type by bean name
	 */
	public static <B extends FleetBackend<?, ?>> Map<String, FleetBackend<?, ?>> of(Class<B> type,
			Map<String, FleetBackend<?, ?>> backends) {
		Map<String, FleetBackend<?, ?>> some = new LinkedHashMap<>(backends);
		some.values().removeIf((backend) -> !type.isInstance(backend));
		return some;
	}

	/**
	 * Returns the definition of a bean of a context or its parents.
	 * @param beanFactory where to begin
	 * @param name the name of the bean
	 * @return the definition, or {@code null} if the bean was registered as it is
	 */
	public static @Nullable BeanDefinition definition(ConfigurableListableBeanFactory beanFactory, String name) {
		BeanFactory factory = beanFactory;
		while (factory instanceof ConfigurableListableBeanFactory present && !present.containsLocalBean(name)) {
			factory = present.getParentBeanFactory();
		}
		return (factory instanceof ConfigurableListableBeanFactory owner && owner.containsBeanDefinition(name))
				? owner.getMergedBeanDefinition(name) : null;
	}

}
