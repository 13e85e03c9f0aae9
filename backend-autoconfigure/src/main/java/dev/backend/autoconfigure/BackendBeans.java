package dev.backend.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import dev.backend.fleet.FleetBackend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
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
