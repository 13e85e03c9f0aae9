package dev.backend.autoconfigure.tcp;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.ConstructorArgumentValues;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.StringUtils;

/**
 * Registers the {@code TcpBackend<M>} bean, where {@code M} is what the application's
 * codec says.
 *
 * <p>
 * A {@code @Bean} method could not do this: it has one fixed type, so that either no
 * {@code TcpBackend<GameMessage>} could be injected, or any {@code TcpBackend<T>}
 * silently. Here the bean definition carries the type that was found, and Spring compares
 * it with that of every injection point.
 */
class TcpBackendRegistrar implements ImportBeanDefinitionRegistrar, BeanFactoryAware, EnvironmentAware {

	static final String BEAN_NAME = "tcpBackend";

	private @Nullable ConfigurableListableBeanFactory beanFactory;

	private @Nullable Environment environment;

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = (ConfigurableListableBeanFactory) beanFactory;
	}

	@Override
	public void setEnvironment(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
		ConfigurableListableBeanFactory beanFactory = Objects.requireNonNull(this.beanFactory);
		MessageBeans beans = new MessageBeans(beanFactory);
		List<String> known = beans.all(TcpBackend.class);
		String codec = codec(beans, known);
		if (codec == null) {
			return;
		}
		ResolvableType message = beans.messageType(codec, MessageCodec.class);
		if (known.stream().anyMatch((name) -> serves(beans.messageType(name, TcpBackend.class), message))) {
			return;
		}
		if (message == ResolvableType.NONE) {
			throw new BackendConfigurationException(
					"The MessageCodec bean '%s' does not say what its messages are.".formatted(codec),
					"Declare it as MessageCodec<YourMessage>: as the return type of its @Bean method, or by a class "
							+ "that implements that.");
		}
		registry.registerBeanDefinition(BEAN_NAME, definition(codec, message, handler(beans, codec, message)));
	}

	/**
	 * A bean whose messages are not known serves any. Types are compared by their text,
	 * because {@link ResolvableType#equals} also compares where they were found.
	 */
	private static boolean serves(ResolvableType served, ResolvableType message) {
		return served == ResolvableType.NONE || served.toString().equals(message.toString());
	}

	private @Nullable String codec(MessageBeans beans, List<String> known) {
		List<String> codecs = beans.candidates(MessageCodec.class);
		String wanted = environment().getProperty("backend.tcp.codec");
		if (StringUtils.hasText(wanted)) {
			return named(wanted);
		}
		String codec = beans.choose(codecs);
		if (codec == null && known.isEmpty()) {
			if (!codecs.isEmpty()) {
				throw new BackendConfigurationException(
						"A TcpBackend needs one MessageCodec, but there are %d: %s.".formatted(codecs.size(), codecs),
						"Mark one of them @Primary or name one by backend.tcp.codec. Build the backends of the others "
								+ "with TcpBackend.Builder.");
			}
			failIfConfigured(beans);
		}
		return codec;
	}

	private String named(String codec) {
		if (!Objects.requireNonNull(this.beanFactory).containsBean(codec)
				|| !Objects.requireNonNull(this.beanFactory).isTypeMatch(codec, MessageCodec.class)) {
			throw new BackendConfigurationException(
					"backend.tcp.codec is '%s', but there is no MessageCodec bean of that name.".formatted(codec),
					"Name one of %s."
						.formatted(new MessageBeans(Objects.requireNonNull(this.beanFactory)).all(MessageCodec.class)));
		}
		return codec;
	}

	private void failIfConfigured(MessageBeans beans) {
		List<String> handlers = beans.candidates(TcpHandler.class);
		Map<String, Object> properties = Binder.get(environment())
			.bind("backend.tcp", Bindable.mapOf(String.class, Object.class))
			.orElse(Map.of());
		if (!handlers.isEmpty()) {
			throw MissingCodec.because("There is a TcpHandler bean, '%s',".formatted(handlers.get(0)));
		}
		if (!properties.isEmpty()) {
			throw MissingCodec.because("Properties below backend.tcp are set: %s,".formatted(properties.keySet()));
		}
	}

	private @Nullable String handler(MessageBeans beans, String codec, ResolvableType message) {
		List<String> handlers = beans.candidates(TcpHandler.class);
		if (handlers.isEmpty()) {
			return null;
		}
		List<String> matching = handlers.stream()
			.filter((name) -> serves(beans.messageType(name, TcpHandler.class), message))
			.toList();
		if (matching.isEmpty() && !Objects.requireNonNull(this.beanFactory).containsLocalBean(handlers.get(0))) {
			return null;
		}
		if (matching.isEmpty()) {
			throw new BackendConfigurationException(
					"No TcpHandler bean handles %s, the messages of the MessageCodec bean '%s': '%s' handles %s."
						.formatted(message, codec, handlers.get(0),
								beans.messageType(handlers.get(0), TcpHandler.class)),
					"Let the handler implement TcpHandler<%s>.".formatted(simpleName(message)));
		}
		String handler = beans.choose(matching);
		if (handler == null) {
			throw new BackendConfigurationException(
					"A TcpBackend needs one TcpHandler, but there are %d: %s.".formatted(matching.size(), matching),
					"Mark one of them @Primary.");
		}
		return handler;
	}

	private static RootBeanDefinition definition(String codec, ResolvableType message, @Nullable String handler) {
		RootBeanDefinition definition = new RootBeanDefinition(TcpBackendFactory.class);
		definition.setTargetType(ResolvableType.forClassWithGenerics(TcpBackend.class, message));
		definition.setFactoryMethodName((handler != null) ? "withHandler" : "withoutHandler");
		definition.setAutowireMode(AbstractBeanDefinition.AUTOWIRE_CONSTRUCTOR);
		ConstructorArgumentValues arguments = definition.getConstructorArgumentValues();
		arguments.addIndexedArgumentValue(0, new RuntimeBeanReference(codec));
		if (handler != null) {
			arguments.addIndexedArgumentValue(1, handler);
		}
		definition.setDestroyMethodName("close");
		return definition;
	}

	private Environment environment() {
		return Objects.requireNonNull(this.environment);
	}

	private static String simpleName(ResolvableType message) {
		return message.toClass().getSimpleName();
	}

}
