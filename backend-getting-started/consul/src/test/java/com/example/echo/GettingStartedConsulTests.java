package com.example.echo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.backend.test.ApplicationProcess;
import dev.backend.test.ConsulBinary;
import dev.backend.test.FreePorts;
import org.junit.jupiter.api.Test;

import static org.awaitility.Awaitility.await;

/**
 * The application of docs/getting-started.md does with Consul what the guide says.
 */
class GettingStartedConsulTests {

	private static final Path RESOURCES = Path.of("src/test/resources");

	private final HttpClient client = HttpClient.newHttpClient();

	@Test
	void theApplicationPrintsWhatTheGuideSays() throws IOException {
		String port = Integer.toString(FreePorts.one());
		List<String> consulPorts = FreePorts.several(3).stream().map(String::valueOf).toList();
		Process consul = agent(consulPorts);
		try {
			String service = Files.readString(RESOURCES.resolve("service.json")).replace("7001", port);
			await().ignoreExceptionsInstanceOf(IOException.class)
				.until(() -> register(consulPorts.get(0), service) == 200);
			try (ApplicationProcess application = ApplicationProcess.start(EchoApplication.class.getName(),
					"--echo.port=" + port, "--spring.cloud.consul.port=" + consulPorts.get(0))) {
				application.awaitPrinted(Files.readAllLines(RESOURCES.resolve("log.txt"))
					.stream()
					.map((line) -> line.replace("7001", port).replace("8500", consulPorts.get(0)))
					.toList());
			}
		}
		finally {
			consul.destroyForcibly().onExit().join();
		}
	}

	private static Process agent(List<String> ports) throws IOException {
		Process process = new ProcessBuilder(ConsulBinary.path(), "agent", "-dev", "-client", "127.0.0.1", "-bind",
				"127.0.0.1", "-http-port", ports.get(0), "-server-port", ports.get(1), "-serf-lan-port", ports.get(2),
				"-serf-wan-port", "-1", "-dns-port", "-1", "-grpc-port", "-1")
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
		return process;
	}

	/** As the command of the guide does. */
	private int register(String port, String service) throws IOException, InterruptedException {
		return this.client
			.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/agent/service/register"))
				.PUT(BodyPublishers.ofString(service))
				.build(), BodyHandlers.ofString())
			.statusCode();
	}

}
