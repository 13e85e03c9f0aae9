package dev.backend.autoconfigure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import dev.backend.fleet.FleetBackend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
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
	 * Returns the beans that win over those of parent contexts, as injection has it.
	 * @param beanFactory where to begin
	 * @param names the names of beans
	 * @return the names of those of this context, or if it has none, all
	 */
	public static List<String> nearest(ConfigurableListableBeanFactory beanFactory, List<String> names) {
		List<String> own = names.stream().filter(beanFactory::containsLocalBean).toList();
		return own.isEmpty() ? names : own;
	}

	/**
	 * Chooses among candidates as injection would: the only one, the primary one, or the
	 * only one that is not a fallback.
	 * @param beanFactory where to begin
	 * @param names the names of the candidates
	 * @return the chosen one, or {@code null} if that leaves none or several
	 */
	public static @Nullable String choose(ConfigurableListableBeanFactory beanFactory, List<String> names) {
		if (names.size() == 1) {
			return names.get(0);
		}
		List<String> primary = filter(beanFactory, names, BeanDefinition::isPrimary);
		if (!primary.isEmpty()) {
			return (primary.size() == 1) ? primary.get(0) : null;
		}
		List<String> regular = filter(beanFactory, names, (definition) -> !definition.isFallback());
		return (regular.size() == 1) ? regular.get(0) : null;
	}

	/**
	 * Returns the beans of which the definition meets a condition.
	 * @param beanFactory where to begin
	 * @param names the names of beans
	 * @param condition the condition
	 * @return the names of those that meet it, and of those that have no definition
	 */
	public static List<String> filter(ConfigurableListableBeanFactory beanFactory, List<String> names,
			Predicate<BeanDefinition> condition) {
		return names.stream().filter((name) -> {
			BeanDefinition definition = definition(beanFactory, name);
			return definition == null || condition.test(definition);
		}).toList();
	}

	/**
	 * Returns the bean that a proxy stands for, where a bean is in a scope, such as a
	 * refresh scope: it is its definition that has the annotations and the type.
	 * @param beanFactory where to begin
	 * @param name the name of a bean
	 * @return the name of the bean behind it, or the same name
	 */
	public static String behindScope(ConfigurableListableBeanFactory beanFactory, String name) {
		BeanDefinitionHolder scoped = (definition(beanFactory, name) instanceof RootBeanDefinition root)
				? root.getDecoratedDefinition() : null;
		return (scoped != null) ? scoped.getBeanName() : name;
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
