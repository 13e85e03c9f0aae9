package dev.backend.autoconfigure.http;

import java.util.function.Supplier;

import dev.backend.logging.StandIn;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.http.client.ClientHttpRequestFactory;

/**
 * Has the request factories of Spring Boot's imperative HTTP clients lead their requests,
 * whatever settings they are built with.
 */
final class RoutedRequestFactoryBuilders implements BeanPostProcessor {

	private static final Logger logger = LoggerFactory.getLogger(RoutedRequestFactoryBuilders.class);

	private final ConfigurableListableBeanFactory beans;

	private final Supplier<HttpBackendRequestFactories> factories;

	/**
	 * Creates a post-processor.
	 * @param beans knows of what type the beans are declared
	 * @param factories returns what leads the requests; first called when there is a
	 * builder
	 */
	RoutedRequestFactoryBuilders(ConfigurableListableBeanFactory beans,
			Supplier<HttpBackendRequestFactories> factories) {
		this.beans = beans;
		this.factories = factories;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!(bean instanceof ClientHttpRequestFactoryBuilder<?> builder)) {
			return bean;
		}
		HttpBackendRequestFactories factories = this.factories.get();
		if (factories.isEmpty()) {
			return bean;
		}
		if (declaredType(beanName) != ClientHttpRequestFactoryBuilder.class) {
			logger.warn(
					"Bean '{}' of the type {}: requests of its clients are not led to the services of backend.http.route.services (expected: a bean that is declared as ClientHttpRequestFactoryBuilder<?>)",
					beanName, StandIn.nameOf(bean));
			return bean;
		}
		return new Routed(builder, factories);
	}

	/** Whoever wants the bean by a narrower type could not have another. */
	private @Nullable Class<?> declaredType(String beanName) {
		return this.beans.containsBeanDefinition(beanName)
				? this.beans.getMergedBeanDefinition(beanName).getResolvableType().resolve() : null;
	}

	/** Returns the builder of the factories that lead nothing. */
	static ClientHttpRequestFactoryBuilder<?> bare(ClientHttpRequestFactoryBuilder<?> builder) {
		return (builder instanceof Routed routed) ? routed.builder() : builder;
	}

	/**
	 * A builder whose factories lead their requests.
	 *
	 * @param builder the builder of the client library
	 * @param factories what leads the requests
	 */
	private record Routed(ClientHttpRequestFactoryBuilder<?> builder, HttpBackendRequestFactories factories)
			implements
				ClientHttpRequestFactoryBuilder<ClientHttpRequestFactory> {

		@Override
		public ClientHttpRequestFactory build(@Nullable HttpClientSettings settings) {
			return this.factories.wrap(this.builder.build(settings));
		}

	}

}
