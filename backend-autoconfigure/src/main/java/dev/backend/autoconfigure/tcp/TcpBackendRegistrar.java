package dev.backend.autoconfigure.tcp;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.EnvironmentAware;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.util.StringUtils;

/**
 * Registers the {@code TcpBackend<M>} beans, one per fleet, where {@code M} is what the
 * codec of the fleet says.
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
		FleetBinder binder = new FleetBinder(TcpBackendAutoConfiguration.PREFIX, environment());
		if (binder.names().isEmpty()) {
			registerOnly(beans, registry);
		}
		else {
			new FleetRegistrar(beanFactory, beans, binder).register(registry);
		}
	}

	private void registerOnly(MessageBeans beans, BeanDefinitionRegistry registry) {
		List<String> known = beans.all(TcpBackend.class);
		String codec = codec(beans, known);
		if (codec == null) {
			return;
		}
		ResolvableType message = beans.messageType(codec, MessageCodec.class);
		if (known.stream().anyMatch((name) -> beans.serves(name, TcpBackend.class, message))) {
			return;
		}
		TcpBackendDefinition definition = TcpBackendDefinition.of(BEAN_NAME, codec, message);
		registry.registerBeanDefinition(BEAN_NAME, definition.only(handler(beans, known, codec, message)));
	}

	private @Nullable String codec(MessageBeans beans, List<String> known) {
		List<String> codecs = beans.candidates(MessageCodec.class);
		String wanted = environment().getProperty("backend.tcp.codec");
		if (StringUtils.hasText(wanted)) {
			return beans.codec("backend.tcp.codec", wanted);
		}
		String codec = beans.choose(codecs);
		if (codec == null && known.isEmpty()) {
			if (!codecs.isEmpty()) {
				throw new BackendConfigurationException(
						"A TcpBackend needs one MessageCodec, but there are %d: %s.".formatted(codecs.size(), codecs),
						"If one is enough, mark it @Primary or name it by backend.tcp.codec. For several, say which "
								+ "services each serves:\n" + FleetRegistrar.example(codecs));
			}
			failIfConfigured(beans);
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

	private @Nullable String handler(MessageBeans beans, List<String> known, String codec, ResolvableType message) {
		List<String> matching = beans.candidates(TcpHandler.class)
			.stream()
			.filter((name) -> beans.serves(name, TcpHandler.class, message))
			.toList();
		if (matching.isEmpty()) {
			List<String> idle = beans.idleHandlers(known);
			if (idle.isEmpty()) {
				return null;
			}
			throw new BackendConfigurationException(
					"No TcpHandler bean handles %s, the messages of the MessageCodec bean '%s': '%s' handles %s."
						.formatted(message, codec, idle.get(0), beans.messageType(idle.get(0), TcpHandler.class)),
					"Let the handler implement TcpHandler<%s>.".formatted(message.toClass().getSimpleName()));
		}
		String handler = beans.choose(matching);
		if (handler == null) {
			throw new BackendConfigurationException(
					"A TcpBackend needs one TcpHandler, but there are %d: %s.".formatted(matching.size(), matching),
					"Mark one of them @Primary.");
		}
		return handler;
	}

	private Environment environment() {
		return Objects.requireNonNull(this.environment);
	}

}
