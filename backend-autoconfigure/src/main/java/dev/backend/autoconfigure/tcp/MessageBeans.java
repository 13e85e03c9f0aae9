package dev.backend.autoconfigure.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.codec.MessageCodec;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.ResolvableType;

/**
 * Finds beans of a type with one parameter, the message, and tells what that is, without
 * making any bean. Those of parent contexts count as well. Where a bean is a proxy for
 * one in a scope, such as a refresh scope, it is the definition of the latter that says
 * what the messages are.
 */
final class MessageBeans {

	private final ConfigurableListableBeanFactory beanFactory;

	MessageBeans(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Returns the beans of a type that may be injected without a qualifier: those of this
	 * context, or if it has none, those of its parents.
	 * @param type the type
	 * @return their names
	 */
	List<String> candidates(Class<?> type) {
		List<String> candidates = named(type, (definition) -> definition.isAutowireCandidate()
				&& (!(definition instanceof AbstractBeanDefinition bean) || bean.isDefaultCandidate()));
		return BackendBeans.nearest(this.beanFactory, candidates);
	}

	/**
	 * Returns all beans of a type.
	 * @param type the type
	 * @return their names
	 */
	List<String> all(Class<?> type) {
		return List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type, true, false));
	}

	/**
	 * Chooses among candidates as injection would: the only one, the primary one, or the
	 * only one that is not a fallback.
	 * @param names the candidates
	 * @return the chosen one, or {@code null} if that leaves none or several
	 */
	@Nullable String choose(List<String> names) {
		if (names.size() == 1) {
			return names.get(0);
		}
		List<String> primary = filter(names, BeanDefinition::isPrimary);
		if (!primary.isEmpty()) {
			return (primary.size() == 1) ? primary.get(0) : null;
		}
		List<String> regular = filter(names, (definition) -> !definition.isFallback());
		return (regular.size() == 1) ? regular.get(0) : null;
	}

	/**
	 * Returns the type of the messages of a bean.
	 * @param name the bean's name
	 * @param type its type, which has one parameter
	 * @return the type, or {@link ResolvableType#NONE} if the definition does not say
	 */
	ResolvableType messageType(String name, Class<?> type) {
		BeanDefinition definition = BackendBeans.definition(this.beanFactory, name);
		BeanDefinitionHolder scoped = (definition instanceof RootBeanDefinition root) ? root.getDecoratedDefinition()
				: null;
		if (scoped != null) {
			return messageType(scoped.getBeanName(), type);
		}
		ResolvableType beanType = (definition != null) ? definition.getResolvableType() : ResolvableType.NONE;
		ResolvableType message = beanType.as(type).getGeneric(0);
		if (message.resolve() == null) {
			Class<?> beanClass = this.beanFactory.getType(name, false);
			message = ResolvableType.forClass(beanClass).as(type).getGeneric(0);
		}
		return (message.resolve() != null && !message.hasUnresolvableGenerics()) ? message : ResolvableType.NONE;
	}

	/**
	 * Returns whether a bean takes messages of a type. One whose messages are not known
	 * takes any. Types are compared by their text, because {@link ResolvableType#equals}
	 * also compares where they were found.
	 * @param name the bean's name
	 * @param type its type, which has one parameter
	 * @param message the type of the messages
	 * @return whether they go together
	 */
	boolean serves(String name, Class<?> type, ResolvableType message) {
		ResolvableType served = messageType(name, type);
		return served == ResolvableType.NONE || served.toString().equals(message.toString());
	}

	/**
	 * Returns the codec that a property names.
	 * @param property the property
	 * @param name its value
	 * @return the name of the codec
	 * @throws BackendConfigurationException if there is no such codec
	 */
	String codec(String property, String name) {
		if (!this.beanFactory.containsBean(name) || !this.beanFactory.isTypeMatch(name, MessageCodec.class)) {
			throw new BackendConfigurationException(
					"%s is '%s', but there is no MessageCodec bean of that name.".formatted(property, name),
					"Name one of %s.".formatted(all(MessageCodec.class)));
		}
		return name;
	}

	private List<String> named(Class<?> type, Predicate<BeanDefinition> condition) {
		return filter(all(type), condition);
	}

	private List<String> filter(List<String> names, Predicate<BeanDefinition> condition) {
		List<String> accepted = new ArrayList<>();
		for (String name : names) {
			BeanDefinition definition = BackendBeans.definition(this.beanFactory, name);
			if (definition == null || condition.test(definition)) {
				accepted.add(name);
			}
		}
		return accepted;
	}

}
