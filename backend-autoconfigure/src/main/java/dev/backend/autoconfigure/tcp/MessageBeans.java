package dev.backend.autoconfigure.tcp;

import java.util.List;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.core.ResolvableType;

/**
 * Finds beans of a type with one parameter, the message, and tells what that is, without
 * making any bean. Those of parent contexts count as well.
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
		List<String> candidates = BackendBeans.filter(this.beanFactory, all(type),
				(definition) -> definition.isAutowireCandidate()
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
	 * Chooses among candidates as injection would.
	 * @param names the candidates
	 * @return the chosen one, or {@code null} if that leaves none or several
	 */
	@Nullable String choose(List<String> names) {
		return BackendBeans.choose(this.beanFactory, names);
	}

	/**
	 * Returns the handlers of this context that have no backend of their messages, and so
	 * nobody who calls them.
	 * @param backends the names of the backends that the application has made itself
	 * @return the names of the handlers
	 */
	List<String> idleHandlers(List<String> backends) {
		return candidates(TcpHandler.class).stream()
			.filter(this.beanFactory::containsLocalBean)
			.filter((handler) -> backends.stream()
				.noneMatch((backend) -> serves(backend, TcpBackend.class, messageType(handler, TcpHandler.class))))
			.toList();
	}

	/**
	 * Returns the type of the messages of a bean.
	 * @param name the bean's name
	 * @param type its type, which has one parameter
	 * @return the type, or {@link ResolvableType#NONE} if the definition does not say
	 */
	ResolvableType messageType(String name, Class<?> type) {
		String target = BackendBeans.behindScope(this.beanFactory, name);
		BeanDefinition definition = BackendBeans.definition(this.beanFactory, target);
		ResolvableType beanType = (definition != null) ? definition.getResolvableType() : ResolvableType.NONE;
		ResolvableType message = beanType.as(type).getGeneric(0);
		if (message.resolve() == null) {
			Class<?> beanClass = this.beanFactory.getType(target, false);
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

}
