package dev.backend.autoconfigure.tcp;

import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.tcp.TcpBackend;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConstructorArgumentValues;
import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
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
		return definition("only", handler);
	}

	/**
	 * Returns the definition of the backend of a fleet, which is qualified by its name.
	 */
	RootBeanDefinition ofFleet(String fleet, @Nullable String handler) {
		RootBeanDefinition definition = definition("fleet", handler);
		definition.getConstructorArgumentValues().addIndexedArgumentValue(3, fleet);
		definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, fleet));
		return definition;
	}

	private RootBeanDefinition definition(String factoryMethod, @Nullable String handler) {
		RootBeanDefinition definition = new RootBeanDefinition(TcpBackendFactory.class);
		definition.setTargetType(ResolvableType.forClassWithGenerics(TcpBackend.class, this.message));
		definition.setFactoryMethodName(factoryMethod);
		definition.setAutowireMode(AbstractBeanDefinition.AUTOWIRE_CONSTRUCTOR);
		ConstructorArgumentValues arguments = definition.getConstructorArgumentValues();
		arguments.addIndexedArgumentValue(0, new RuntimeBeanReference(this.codec));
		arguments.addIndexedArgumentValue(1, this.beanName);
		arguments.addIndexedArgumentValue(2, (handler != null) ? handler : TcpBackendFactory.NONE);
		definition.setDestroyMethodName("close");
		return definition;
	}

}
