package dev.backend.autoconfigure.discovery;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether a native image has the scripts that the Redis registry reads.
 */
class RedisScriptHintsTests {

	private static final String FOLDER = "dev/backend/discovery/redis/";

	@Test
	void everyScriptIsNamedAheadOfTime() throws IOException {
		RuntimeHints hints = hints();
		assertThat(scripts()).hasSize(4)
			.allMatch((script) -> RuntimeHintsPredicates.resource().forResource(FOLDER + script).test(hints));
	}

	private static List<String> scripts() throws IOException {
		Resource[] scripts = new PathMatchingResourcePatternResolver().getResources("classpath*:" + FOLDER + "*.lua");
		return Stream.of(scripts).map(Resource::getFilename).map(Objects::requireNonNull).toList();
	}

	private static RuntimeHints hints() {
		TestGenerationContext generation = new TestGenerationContext();
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			TestPropertyValues.of("backend.discovery.redis.key=games").applyTo(context);
			context.register(Application.class);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		}
		return generation.getRuntimeHints();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, RedisDiscoveryAutoConfiguration.class })
	static class Application {

		@Bean
		LettuceConnectionFactory connectionFactory() {
			return new LettuceConnectionFactory();
		}

	}

}
