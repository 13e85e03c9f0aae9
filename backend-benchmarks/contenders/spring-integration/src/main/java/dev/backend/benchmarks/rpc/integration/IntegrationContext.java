package dev.backend.benchmarks.rpc.integration;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.config.EnableIntegration;

/**
 * The application context that Spring Integration's components want.
 */
final class IntegrationContext {

	private IntegrationContext() {
	}

	static AnnotationConfigApplicationContext create() {
		AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
		context.register(Infrastructure.class);
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableIntegration
	static class Infrastructure {

	}

}
