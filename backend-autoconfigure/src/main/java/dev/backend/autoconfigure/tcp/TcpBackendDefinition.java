package dev.backend.autoconfigure.tcp;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.fleet.BackendDefinitions;
import dev.backend.tcp.TcpBackend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.ResolvableType;

/**
 * Makes the definition of a {@link TcpBackend} bean.
 *
 * @param beanName its name
 * @param codec the name of its codec
 * @param message the type of its messages
 */
record TcpBackendDefinition(String beanName, String codec, ResolvableType message) {

	static TcpBackendDefinition of(String beanName, String codec, ResolvableType message) {
		if (message == ResolvableType.NONE) {
			throw new BackendConfigurationException(
					"The MessageCodec bean '%s' does not say what its messages are.".formatted(codec),
					"Declare it as MessageCodec<YourMessage>: as the return type of its @Bean method, or by a class "
							+ "that implements that.");
		}
		return new TcpBackendDefinition(beanName, codec, message);
	}

	/**
	 * Returns the definition of the backend without a name.
	 */
	RootBeanDefinition only(@Nullable String handler) {
		return BackendDefinitions.of(type(), TcpBackendFactory.class, "only", null, codecBean(), this.beanName,
				orNone(handler));
	}

	/**
	 * Returns the definition of the backend of a fleet, which is qualified by its name.
	 */
	RootBeanDefinition ofFleet(String fleet, @Nullable String handler) {
		return BackendDefinitions.of(type(), TcpBackendFactory.class, "fleet", fleet, codecBean(), this.beanName,
				orNone(handler), fleet);
	}

	private ResolvableType type() {
		return ResolvableType.forClassWithGenerics(TcpBackend.class, this.message);
	}

	private RuntimeBeanReference codecBean() {
		return new RuntimeBeanReference(this.codec);
	}

	private static String orNone(@Nullable String handler) {
		return (handler != null) ? handler : TcpBackendFactory.NONE;
	}

}
