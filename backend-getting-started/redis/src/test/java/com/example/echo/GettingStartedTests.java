package com.example.echo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.backend.test.ApplicationProcess;
import dev.backend.test.FreePorts;
import org.junit.jupiter.api.Test;
import redis.embedded.RedisServer;

/**
 * The application of docs/getting-started.md does with Redis what the guide says.
 */
class GettingStartedTests {

	@Test
	void theApplicationPrintsWhatTheGuideSays() throws IOException {
		int port = FreePorts.one();
		int redisPort = FreePorts.one();
		RedisServer redis = RedisServer.newRedisServer().port(redisPort).bind("127.0.0.1").setting("save \"\"").build();
		redis.start();
		try (ApplicationProcess application = ApplicationProcess.start(EchoApplication.class.getName(),
				"--echo.port=" + port, "--spring.data.redis.port=" + redisPort)) {
			application.awaitPrinted(Files.readAllLines(Path.of("src/test/resources/log.txt"))
				.stream()
				.map((line) -> line.replace("7001", Integer.toString(port)))
				.toList());
		}
		finally {
			redis.stop();
		}
	}

}
