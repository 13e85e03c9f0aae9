package dev.backend.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.TextCodec;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Processes of their own, since it takes one to end.
 */
@SlowTest
@Timeout(120)
class SilentEndTests {

	/** As {@code @SpringBootTest} sets it. */
	private static final String TEST = "--org.springframework.boot.test.context.SpringBootTestContextBootstrapper";

	@Test
	void whenNothingKeepsTheProcessThenALineNamesTheProperty() throws Exception {
		assertThat(run("--backend.http.enabled=true")).containsOnlyOnce("Set spring.main.keep-alive=true");
	}

	@Test
	void whenAParentHasABackendTooThenThereIsOneLine() throws Exception {
		assertThat(run("--with-child=true")).containsOnlyOnce("Set spring.main.keep-alive=true");
	}

	@ParameterizedTest
	@ValueSource(strings = { "--with-runner=true", "--close=true", "--exit=true", "--batch=true", "--for-long=true",
			"--backend.tcp.enabled=false", TEST + "=true" })
	void whenTheProcessEndsByIntentOrHasNoBackendThenThereIsNoSuchLine(String argument) throws Exception {
		assertThat(run(argument)).doesNotContain("keep-alive");
	}

	private static String run(String argument) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
				Application.class.getName(), "--spring.main.web-application-type=none", argument));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
			assertThat(output).contains("Started ");
			assertThat(process.exitValue()).as(output).isZero();
			return output;
		}
		finally {
			process.destroyForcibly();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
			HttpBackendAutoConfiguration.class })
	static class Application {

		public static void main(String[] args) {
			ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
				.contextFactory((type) -> List.of(args).contains("--for-long=true") ? new Old()
						: new AnnotationConfigApplicationContext())
				.run(args);
			if (context.getEnvironment().containsProperty("close")) {
				context.close();
			}
			if (context.getEnvironment().containsProperty("with-child")) {
				new SpringApplicationBuilder(Child.class).parent(context).run(args);
			}
			if (context.getEnvironment().containsProperty("batch")) {
				System.exit(SpringApplication.exit(context));
			}
			if (context.getEnvironment().containsProperty("exit")) {
				System.exit(0);
			}
		}

		@Bean
		InMemoryDiscovery discovery() {
			return new InMemoryDiscovery();
		}

		@Bean
		LineCodec codec() {
			return new LineCodec();
		}

		@Bean
		@ConditionalOnBooleanProperty("with-runner")
		CommandLineRunner runner() {
			return (args) -> {
			};
		}

	}

	/** Has gone on for more than a minute. */
	static class Old extends AnnotationConfigApplicationContext {

		@Override
		public long getStartupDate() {
			return super.getStartupDate() - Duration.ofSeconds(61).toMillis();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class })
	static class Child {

		@Bean
		MessageCodec<String> texts() {
			return new TextCodec(DelimiterFraming.line(), StandardCharsets.UTF_8);
		}

	}

}
