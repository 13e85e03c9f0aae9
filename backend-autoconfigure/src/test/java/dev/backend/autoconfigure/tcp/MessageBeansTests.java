package dev.backend.autoconfigure.tcp;

import java.util.List;

import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.MessageCodec;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;

import static org.assertj.core.api.Assertions.assertThat;

class MessageBeansTests {

	@Test
	void findsTheMessageOfMethodsClassesAndSingletons() {
		try (var context = new AnnotationConfigApplicationContext()) {
			context.register(Codecs.class);
			context.registerBean("byClass", LineCodec.class);
			context.getBeanFactory().registerSingleton("singleton", new LineCodec());
			context.refresh();
			MessageBeans beans = new MessageBeans(context.getBeanFactory());
			assertThat(List.of("byMethod", "byClass", "singleton"))
				.allSatisfy((name) -> assertThat(beans.messageType(name, MessageCodec.class))
					.hasToString(Line.class.getName()));
		}
	}

	@Test
	void choosesTheOneThatIsNoFallbackAndSkipsNonCandidates() {
		try (var context = new AnnotationConfigApplicationContext(Codecs.class)) {
			MessageBeans beans = new MessageBeans(context.getBeanFactory());
			List<String> candidates = beans.candidates(MessageCodec.class);
			assertThat(candidates).containsExactlyInAnyOrder("byMethod", "unknown", "fallback");
			assertThat(beans.choose(candidates)).isNull();
			assertThat(beans.choose(List.of("byMethod", "fallback"))).isEqualTo("byMethod");
			assertThat(beans.choose(List.of())).isNull();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Codecs {

		@Bean
		MessageCodec<Line> byMethod() {
			return new LineCodec();
		}

		@Bean
		MessageCodec<?> unknown() {
			return new TcpBackendAutoConfigurationTests.StringCodec();
		}

		@Bean
		@Fallback
		MessageCodec<Line> fallback() {
			return new LineCodec();
		}

		@Bean(defaultCandidate = false)
		MessageCodec<Line> byQualifierOnly() {
			return new LineCodec();
		}

	}

}
