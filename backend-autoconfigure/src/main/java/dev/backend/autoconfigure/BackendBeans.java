package dev.backend.autoconfigure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.backend.fleet.FleetBackend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The backends of an application by bean name.
 */
public final class BackendBeans {

	private BackendBeans() {
	}

	/**
	 * Returns all backends, those of parent contexts and those that are no default
	 * candidates included.
	 * @param beanFactory where they are
	 * @return the backends by bean name; one of a parent whose name a child has for
	 * another one is named {@code parent.} and that
	 */
	public static Map<String, FleetBackend<?, ?>> all(ConfigurableListableBeanFactory beanFactory) {
		Map<String, FleetBackend<?, ?>> backends = new LinkedHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, FleetBackend.class)
			.forEach(backends::put);
		String prefix = "";
		for (ConfigurableListableBeanFactory factory : upwards(beanFactory)) {
			for (String name : factory.getBeanNamesForType(FleetBackend.class)) {
				if (backends.containsKey(name) && factory.isSingleton(name)
						&& backends.get(name) != factory.getBean(name)) {
					backends.put(prefix + name, factory.getBean(name, FleetBackend.class));
				}
			}
			prefix += "parent.";
		}
		return backends;
	}

	/**
	 * Returns those backends that a context itself has, which are what it is to change.
	 * @param <B> the type of the backends
	 * @param type their type
	 * @param backends those that may be injected, of parent contexts too
	 * @param beanFactory that of the context
	 * @return those of the context
	 */
	public static <B extends FleetBackend<?, ?>> List<B> own(Class<? super B> type,
			ObjectProvider<? extends B> backends, ListableBeanFactory beanFactory) {
		Collection<?> own = beanFactory.getBeansOfType(type).values();
		return backends.stream().<B>map((backend) -> backend).filter(own::contains).toList();
	}

	/**
	 * Returns the bean factories of a context and its parents.
	 * @param beanFactory that of the context
	 * @return all, from the context up
	 */
	public static List<ConfigurableListableBeanFactory> upwards(ConfigurableListableBeanFactory beanFactory) {
		List<ConfigurableListableBeanFactory> factories = new ArrayList<>();
		BeanFactory factory = beanFactory;
		while (factory instanceof ConfigurableApplicationContext
				|| factory instanceof ConfigurableListableBeanFactory) {
			ConfigurableListableBeanFactory present = (factory instanceof ConfigurableApplicationContext context)
					? context.getBeanFactory() : (ConfigurableListableBeanFactory) factory;
			factories.add(present);
			factory = present.getParentBeanFactory();
		}
		return factories;
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
		return toShow(beanFactory, beanFactory.getParentBeanFactory() instanceof ListableBeanFactory parent
				&& BeanFactoryUtils.beanNamesForTypeIncludingAncestors(parent, shownBy, true, false).length > 0);
	}

	/**
	 * Returns the backends that a bean is to show: those of parent contexts too, unless
	 * one of its names shows them there.
	 * @param beanFactory where the bean is
	 * @param names the names that it may have
	 * @return the backends by bean name
	 */
	public static Map<String, FleetBackend<?, ?>> toShow(ConfigurableListableBeanFactory beanFactory, String... names) {
		BeanFactory parent = beanFactory.getParentBeanFactory();
		return toShow(beanFactory, parent != null && Arrays.stream(names).anyMatch(parent::containsBean));
	}

	private static Map<String, FleetBackend<?, ?>> toShow(ConfigurableListableBeanFactory beanFactory,
			boolean parentShows) {
		Map<String, FleetBackend<?, ?>> backends = all(beanFactory);
		if (parentShows) {
			backends.keySet().removeIf((name) -> !beanFactory.containsLocalBean(name));
		}
		return backends;
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
	 * Returns whether a bean may be injected without a qualifier.
	 * @param beanFactory where it is
	 * @param name the name of the bean
	 * @return whether nothing says otherwise
	 */
	public static boolean isDefaultCandidate(ConfigurableListableBeanFactory beanFactory, String name) {
		BeanDefinition definition = definition(beanFactory, name);
		return definition == null || (definition.isAutowireCandidate()
				&& (!(definition instanceof AbstractBeanDefinition bean) || bean.isDefaultCandidate()));
	}

	/**
	 * Returns those of some beans that count in a context: its own, or if there are none,
	 * those of its parents.
	 * @param beanFactory that of the context
	 * @param names the names of the beans
	 * @return the names of those that count
	 */
	public static List<String> nearest(ConfigurableListableBeanFactory beanFactory, List<String> names) {
		List<String> own = names.stream().filter(beanFactory::containsLocalBean).toList();
		return own.isEmpty() ? names : own;
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
