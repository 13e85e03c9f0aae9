package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import dev.backend.autoconfigure.guide.start.EchoApplication;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.test.FreePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application of docs/getting-started.md does with Redis what the guide says.
 */
@ExtendWith(OutputCaptureExtension.class)
class GettingStartedTests {

	static final Path PROPERTIES = Path.of("src/test/resources/dev/backend/autoconfigure/guide/getting-started.yml");

	@Test
	void theApplicationSaysWhatTheGuideSays(CapturedOutput output) throws IOException {
		int port = FreePorts.one();
		try (RedisServer redis = RedisServer.started();
				ConfigurableApplicationContext context = run(PROPERTIES, port,
						"--spring.data.redis.port=" + redis.port())) {
			assertThat(context.isRunning()).isTrue();
			await().untilAsserted(() -> assertThat(output).contains("replied: Hello"));
		}
		assertSaid(0, port, output);
	}

	static ConfigurableApplicationContext run(Path properties, int port, String... arguments) {
		List<String> all = new ArrayList<>(
				List.of("--spring.config.location=" + properties.toUri(), "--echo.port=" + port));
		all.addAll(List.of(arguments));
		return new SpringApplicationBuilder(EchoApplication.class).web(WebApplicationType.NONE)
			.run(all.toArray(String[]::new));
	}

	/**
	 * Asserts that the log has the messages of a block, whatever the ports of the client
	 * and of Consul are.
	 */
	static void assertSaid(int block, int port, CapturedOutput output) {
		List<String> lines = Markdown.of("docs/getting-started.md").blocks("text").get(block).lines().toList();
		assertThat(lines).isNotEmpty().allSatisfy((line) -> {
			String message = line.substring(line.indexOf(" : ") + 3);
			String pattern = Pattern.quote(message.replace("7001", Integer.toString(port)))
				.replaceAll(":(5\\d{4}|8500)\\b", ":\\\\E\\\\d+\\\\Q");
			assertThat(output.getOut()).containsPattern(pattern);
		});
	}

}
