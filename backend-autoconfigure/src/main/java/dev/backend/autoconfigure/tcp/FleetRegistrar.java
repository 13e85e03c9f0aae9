package dev.backend.autoconfigure.tcp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.fleet.FleetBeans;
import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.core.ResolvableType;

/**
 * Registers a {@code TcpBackend<M>} bean for each fleet that the properties have: finds
 * its codec and then the handler of the messages of that.
 */
final class FleetRegistrar {

	private final ConfigurableListableBeanFactory beanFactory;

	private final MessageBeans beans;

	private final FleetBinder binder;

	private final FleetBeans fleetBeans;

	private final List<String> handlers;

	/** Those of no fleet: the handlers of their messages are theirs. */
	private final List<String> ownBackends;

	FleetRegistrar(ConfigurableListableBeanFactory beanFactory, MessageBeans beans, FleetBinder binder) {
		this.beanFactory = beanFactory;
		this.beans = beans;
		this.binder = binder;
		this.fleetBeans = new FleetBeans(beanFactory, binder.names());
		this.handlers = beans.all(TcpHandler.class);
		this.ownBackends = beans.all(TcpBackend.class);
	}

	void register(BeanDefinitionRegistry registry) {
		Map<String, @Nullable String> handlerOf = new LinkedHashMap<>();
		for (String fleet : this.binder.namesWith("enabled", true)) {
			String beanName = Fleets.beanName(fleet, TcpBackendAutoConfiguration.BEAN_SUFFIX);
			if (!this.beanFactory.containsBean(beanName)) {
				String codec = codec(fleet);
				ResolvableType message = this.beans.messageType(codec, MessageCodec.class);
				TcpBackendDefinition definition = TcpBackendDefinition.of(beanName, codec, message);
				String handler = handler(fleet, codec, message);
				handlerOf.put(fleet, handler);
				registry.registerBeanDefinition(beanName, definition.ofFleet(fleet, handler));
			}
		}
		refuseIdleHandlers(handlerOf);
	}

	private String codec(String fleet) {
		String wanted = this.binder.bind(fleet, "codec", String.class).orElse("");
		if (!wanted.isBlank()) {
			return this.beans.codec(this.binder.propertyName(fleet, "codec"), wanted);
		}
		List<String> codecs = this.beans.all(MessageCodec.class);
		List<String> candidates = this.fleetBeans.candidates(codecs, fleet);
		if (candidates.isEmpty()) {
			throw new BackendConfigurationException(
					"The fleet '%s' needs a MessageCodec, but there is none for it: %s.".formatted(fleet,
							codecs.isEmpty() ? "no MessageCodec bean at all" : codecs),
					"Declare a bean of type MessageCodec<YourMessage>, which says how your messages become bytes and "
							+ "back, name it by backend.tcp.fleets.%1$s.codec, or give it the qualifier '%1$s'."
								.formatted(fleet));
		}
		String codec = this.beans.choose(candidates);
		if (codec == null) {
			throw new BackendConfigurationException(
					"The fleet '%s' needs one MessageCodec, but there are %d: %s.".formatted(fleet, candidates.size(),
							candidates),
					"Name one by backend.tcp.fleets.%1$s.codec, or give it the qualifier '%1$s'.".formatted(fleet));
		}
		return codec;
	}

	private @Nullable String handler(String fleet, String codec, ResolvableType message) {
		List<String> matching = this.handlers.stream()
			.filter((name) -> this.beans.serves(name, TcpHandler.class, message))
			.toList();
		List<String> candidates = this.fleetBeans.candidates(matching, fleet);
		if (candidates.isEmpty()) {
			return null;
		}
		String handler = this.beans.choose(candidates);
		if (handler == null) {
			throw new BackendConfigurationException(
					("The fleet '%s' needs one TcpHandler of %s, the messages of its MessageCodec bean '%s', but there "
							+ "are %d: %s.")
						.formatted(fleet, message, codec, candidates.size(), candidates),
					"Give one of them the qualifier '%s', or mark one @Primary.".formatted(fleet));
		}
		return handler;
	}

	/** A handler that nobody calls is a mistake, most often of its type. */
	private void refuseIdleHandlers(Map<String, @Nullable String> handlerOf) {
		List<String> without = new ArrayList<>();
		handlerOf.forEach((fleet, handler) -> {
			if (handler == null) {
				without.add(fleet);
			}
		});
		List<String> idle = this.beans.idleHandlers(this.ownBackends)
			.stream()
			.filter((name) -> !handlerOf.containsValue(name) && !isOfFleetThatIsOff(name))
			.toList();
		if (!without.isEmpty() && !idle.isEmpty()) {
			throw new BackendConfigurationException(
					"The TcpHandler bean '%s', which handles %s, is the handler of no fleet. These have none: %s."
						.formatted(idle.get(0), this.beans.messageType(idle.get(0), TcpHandler.class), without),
					"Let it implement TcpHandler of the type that the MessageCodec of its fleet has, and have the "
							+ "qualifier and name of no other fleet.");
		}
	}

	/** While a fleet is switched off, the handler of a codec may be that of the fleet. */
	private boolean isOfFleetThatIsOff(String handler) {
		return this.binder.names().size() > this.binder.namesWith("enabled", true).size()
				&& this.beans.all(MessageCodec.class)
					.stream()
					.anyMatch((codec) -> this.beans.serves(handler, TcpHandler.class,
							this.beans.messageType(codec, MessageCodec.class)));
	}

	/**
	 * Returns properties for an application that has several codecs.
	 */
	static String example(List<String> codecs) {
		return """
				backend:
				  tcp:
				    fleets:
				      one: { services: [name, name-*], codec: %s }
				      other: { services: other-name, codec: %s }
				""".formatted(codecs.get(0), codecs.get(1));
	}

}
