package dev.backend.autoconfigure.tcp;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.junit.jupiter.api.Test;

import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
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
class AheadOfTimeTests {

	@Test
	@CompileWithForkedClassLoader
	@SuppressWarnings("unchecked")
	void theBackendStartsFromGeneratedClasses() {
		TestGenerationContext generation = new TestGenerationContext();
		ClassName initializer;
		try (GenericApplicationContext context = new AnnotationConfigApplicationContext()) {
			((AnnotationConfigApplicationContext) context).register(Application.class);
			initializer = new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		}
		generation.writeGeneratedContent();
		TestCompiler.forSystem().with(generation).compile((compiled) -> {
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				compiled.getInstance(ApplicationContextInitializer.class, initializer.toString()).initialize(context);
				context.refresh();
				assertThat(context.getBean(Client.class).backend.running()).isTrue();
			}
		});
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
			TcpBackendAutoConfiguration.class })
	static class Application {

		@Bean
		InMemoryDiscovery discovery() {
			return new InMemoryDiscovery();
		}

		@Bean
		MessageCodec<Line> codec() {
			return new LineCodec();
		}

		@Bean
		Client client(TcpBackend<Line> backend) {
			return new Client(backend);
		}

	}

	static class Client implements TcpHandler<Line> {

		private final TcpBackend<Line> backend;

		Client(TcpBackend<Line> backend) {
			this.backend = backend;
		}

	}

}
