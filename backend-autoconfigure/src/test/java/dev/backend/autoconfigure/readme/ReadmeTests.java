package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.tcp.TcpBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What README.md shows is what is compiled here, and it does what README.md says.
 */
@ExtendWith(OutputCaptureExtension.class)
class ReadmeTests {

	private static final Path SOURCES = Path.of("src/test/java/dev/backend/autoconfigure/readme");

	private static final Path PROPERTIES = Path
		.of("src/test/resources/dev/backend/autoconfigure/readme/application.yml");

	@Test
	void everyJavaBlockStandsInACompiledSource() throws IOException {
		List<String> sources;
		try (Stream<Path> files = Files.list(SOURCES)) {
			sources = files.filter((file) -> !file.endsWith("ReadmeTests.java"))
				.map(ReadmeTests::read)
				.map(Markdown::code)
				.toList();
		}
		List<String> blocks = Markdown.readme().blocks("java");
		assertThat(blocks).hasSizeGreaterThanOrEqualTo(5);
		assertThat(blocks).allSatisfy((block) -> assertThat(sources)
			.anyMatch((source) -> source.contains(Markdown.code(block)), "a source with this block"));
	}

	@Test
	void theYamlBlockIsWhatTheApplicationRunsWith() {
		assertThat(Markdown.readme().blocks("yaml")).containsExactly(read(PROPERTIES));
	}

	@Test
	void theFirstTwoCommandsRunTheSampleAndTheTests() {
		assertThat(Markdown.readme().blocks("sh"))
			.startsWith("mvn -pl backend-sample-app -am -Dmaven.test.skip spring-boot:run\n", "mvn verify\n");
	}

	@Test
	void theApplicationGetsRepliesMessagesAndEvents(CapturedOutput output) {
		DisposableServer server = TcpServer.create()
			.host("127.0.0.1")
			.port(0)
			.handle((in, out) -> out.send(in.receive().retain()))
			.bindNow();
		try (RedisServer redis = RedisServer.started(); ConfigurableApplicationContext context = run(redis)) {
			context.getBean(RedisServiceRegistry.class)
				.register(ServiceConfig.tcp("game", "game-1", "127.0.0.1", server.port()).withTags("eu"));
			await().until(() -> output.getOut().contains("game/game-1 at 127.0.0.1:" + server.port() + " is ready"));
			GameClient client = context.getBean(GameClient.class);
			assertThat(client.ask("user-1", "hello")).isEqualTo("hello");
			client.tell("user-1", "for one");
			assertThat(client.tellAll("for all")).isOne();
			await().until(() -> output.getOut().contains("game-1 says: for one")
					&& output.getOut().contains("game-1 says: for all"));
			assertThat(output).doesNotContain("says: hello");
			TcpBackend<?> backend = context.getBean(TcpBackend.class);
			backend.getService("game", "game-1").reconnect("the test says so");
			await().until(() -> output.getOut().contains("game/game-1 at 127.0.0.1:" + server.port() + " is gone"));
		}
		finally {
			server.disposeNow();
		}
	}

	private static ConfigurableApplicationContext run(RedisServer redis) {
		return new SpringApplicationBuilder(GameApplication.class).web(WebApplicationType.NONE)
			.run("--spring.config.location=" + PROPERTIES.toUri(), "--spring.data.redis.port=" + redis.port());
	}

	private static String read(Path file) {
		return Markdown.read(file);
	}

}
