package dev.backend.autoconfigure.fleet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.BackendConfigurationException;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;

/**
 * The beans that fleets use. One whose qualifier or name is that of a fleet is for that
 * fleet alone; all others are for every fleet that has none of its own.
 */
public final class FleetBeans {

	private final ConfigurableListableBeanFactory beanFactory;

	private final Set<String> fleets;

	/**
	 * Creates the look-up.
	 * @param beanFactory where the beans are
	 * @param fleets the names of the fleets
	 */
	public FleetBeans(ConfigurableListableBeanFactory beanFactory, Set<String> fleets) {
		this.beanFactory = beanFactory;
		this.fleets = Set.copyOf(fleets);
	}

	/**
	 * Returns the beans that a fleet may use.
	 * @param names the names of all beans of a type
	 * @param fleet the name of the fleet, or {@code null} for what has no name
	 * @return the names of those of the fleet itself if there are any, else of those of
	 * no fleet that may be injected without a qualifier; those of parent contexts only if
	 * this one has none
	 */
	public List<String> candidates(Collection<String> names, @Nullable String fleet) {
		List<String> candidates = new ArrayList<>();
		List<String> own = new ArrayList<>();
		for (String name : names) {
			if (!isCandidate(name, BeanDefinition::isAutowireCandidate)) {
				continue;
			}
			if (fleet != null && isQualified(name, fleet)) {
				own.add(name);
			}
			else if (isCandidate(name, FleetBeans::isDefaultCandidate)
					&& this.fleets.stream().noneMatch((other) -> isQualified(name, other))) {
				candidates.add(name);
			}
		}
		return BackendBeans.nearest(this.beanFactory, own.isEmpty() ? candidates : own);
	}

	/**
	 * Finds the bean that a fleet uses.
	 * @param <T> the type of the bean
	 * @param type its type
	 * @param fleet the name of the fleet, or {@code null} for what has no name
	 * @return the bean, or {@code null} if there is none
	 * @throws BackendConfigurationException if there are several
	 */
	public <T> @Nullable T find(Class<T> type, @Nullable String fleet) {
		if (this.fleets.isEmpty()) {
			return this.beanFactory.getBeanProvider(type).getIfAvailable();
		}
		List<String> names = List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type));
		List<String> candidates = candidates(names, fleet);
		if (candidates.isEmpty()) {
			return null;
		}
		String chosen = BackendBeans.choose(this.beanFactory, candidates);
		if (chosen != null) {
			return this.beanFactory.getBean(chosen, type);
		}
		throw new BackendConfigurationException(
				"The fleet '%s' needs one %s, but there are %d: %s.".formatted(fleet, type.getSimpleName(),
						candidates.size(), candidates),
				"Mark one of them @Primary, or give each the qualifier of its fleet.");
	}

	/**
	 * Returns those beans of a type that are not another fleet's.
	 * @param <T> the type of the beans
	 * @param type their type
	 * @param fleet the name of the fleet, or {@code null} for what has no name
	 * @return the beans, in their order
	 */
	public <T> Stream<T> all(Class<T> type, @Nullable String fleet) {
		Set<Object> others = Collections.newSetFromMap(new IdentityHashMap<>());
		for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type)) {
			if (this.fleets.stream().anyMatch((other) -> !other.equals(fleet) && isQualified(name, other))) {
				others.add(this.beanFactory.getBean(name));
			}
		}
		return this.beanFactory.getBeanProvider(type).orderedStream().filter((bean) -> !others.contains(bean));
	}

	private boolean isQualified(String name, String fleet) {
		return BeanFactoryAnnotationUtils.isQualifierMatch(fleet::equals, name, this.beanFactory)
				|| BeanFactoryAnnotationUtils.isQualifierMatch(fleet::equals,
						BackendBeans.behindScope(this.beanFactory, name), this.beanFactory);
	}

	private static boolean isDefaultCandidate(BeanDefinition definition) {
		return !(definition instanceof AbstractBeanDefinition bean) || bean.isDefaultCandidate();
	}

	private boolean isCandidate(String name, Predicate<BeanDefinition> condition) {
		BeanDefinition definition = BackendBeans.definition(this.beanFactory, name);
		return definition == null || condition.test(definition);
	}

}
