package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;

import dev.backend.autoconfigure.support.ConsulServer;
import dev.backend.test.FreePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The application of docs/getting-started.md does with Consul what the guide says.
 */
@ExtendWith(OutputCaptureExtension.class)
class GettingStartedConsulTests {

	static final Path PROPERTIES = Path
		.of("src/test/resources/dev/backend/autoconfigure/guide/getting-started-consul.yml");

	@Test
	void theApplicationFindsWhatTheGuideRegisters(CapturedOutput output) throws IOException {
		int port = FreePorts.one();
		try (ConsulServer consul = ConsulServer.started()) {
			register(consul, port);
			String[] properties = Stream.of(consul.properties())
				.map((property) -> "--" + property)
				.toArray(String[]::new);
			try (ConfigurableApplicationContext context = GettingStartedTests.run(PROPERTIES, port, properties)) {
				assertThat(context.isRunning()).isTrue();
				await().untilAsserted(() -> assertThat(output).contains("replied: Hello"));
			}
		}
		GettingStartedTests.assertSaid(1, port, output);
	}

	/** As the command of the guide does. */
	private static void register(ConsulServer consul, int port) {
		String command = Markdown.of("docs/getting-started.md")
			.blocks("sh")
			.stream()
			.filter((block) -> block.startsWith("curl -X PUT"))
			.findFirst()
			.orElseThrow();
		String body = command.substring(command.indexOf("'{") + 1, command.indexOf("}'") + 1)
			.replace("7001", Integer.toString(port));
		RestClient.create("http://127.0.0.1:" + consul.port())
			.put()
			.uri("/v1/agent/service/register")
			.contentType(MediaType.APPLICATION_JSON)
			.body(body)
			.retrieve()
			.toBodilessEntity();
	}

}
