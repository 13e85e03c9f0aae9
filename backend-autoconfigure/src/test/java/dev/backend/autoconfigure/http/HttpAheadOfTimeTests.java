package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.http.HttpBackend;
import org.junit.jupiter.api.Test;

import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.core.test.tools.TestCompiler;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether the beans can be made by the classes that Spring generates ahead of time.
 */
class HttpAheadOfTimeTests {

	private static final TestPropertyValues PROPERTIES = TestPropertyValues.of("backend.http.enabled=true");

	@Test
	@CompileWithForkedClassLoader
	@SuppressWarnings("unchecked")
	void theBackendStartsFromGeneratedClasses() {
		TestGenerationContext generation = new TestGenerationContext();
		ClassName initializer;
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			PROPERTIES.applyTo(context);
			context.register(Application.class);
			initializer = new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		}
		generation.writeGeneratedContent();
		TestCompiler.forSystem().with(generation).compile((compiled) -> {
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				PROPERTIES.applyTo(context);
				compiled.getInstance(ApplicationContextInitializer.class, initializer.toString()).initialize(context);
				context.refresh();
				assertThat(context.getBean(HttpBackend.class).running()).isTrue();
				assertThat(context.getBean(InstanceRestClients.class)).isNotNull();
				assertThat(context.getBean(InstanceWebClients.class)).isNotNull();
				assertThat(context.getBean(HttpBackendRequestFactories.class)).isNotNull();
			}
		});
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
			RoutedClientAutoConfiguration.class, InstanceClientAutoConfiguration.class })
	static class Application {

		@Bean
		InMemoryDiscovery discovery() {
			return new InMemoryDiscovery();
		}

	}

}
