package dev.backend.autoconfigure.discovery;

import java.time.Duration;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.discovery.redis.Registration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Credentials that are part of a URL, or wrong, reach neither log nor status.
 */
@ExtendWith(OutputCaptureExtension.class)
class RedisSecretsTests {

	private static final String SECRET = "s3cret-w0rd";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class, DiscoveryAutoConfiguration.class,
				RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
		.withPropertyValues("backend.discovery.redis.key=games");

	@ParameterizedTest
	@ValueSource(strings = { "spring.data.redis.url=redis://nobody:" + SECRET + "@127.0.0.1:%d/2",
			"spring.data.redis.url=redis://:" + SECRET + "@127.0.0.1:%d",
			"spring.data.redis.sentinel.password=" + SECRET + "|spring.data.redis.sentinel.master=fleet"
					+ "|spring.data.redis.sentinel.nodes=127.0.0.1:%d" })
	void whenRedisRefusesThePasswordThenNobodyIsToldIt(String properties, CapturedOutput output) {
		try (RedisServer server = RedisServer.started()) {
			server.commands().configSet("requirepass", "another");
			run(properties.formatted(server.port()), output);
		}
	}

	@Test
	void whenRedisIsAwayThenThePasswordOfTheUrlIsNotShown(CapturedOutput output) {
		try (RedisServer server = RedisServer.stopped()) {
			run("spring.data.redis.url=redis://user:" + SECRET + "@127.0.0.1:" + server.port(), output);
		}
	}

	private void run(String properties, CapturedOutput output) {
		this.contextRunner.withPropertyValues(properties.split("\\|")).run((context) -> {
			ServiceDiscovery discovery = context.getBean(ServiceDiscovery.class);
			Registration registration = context.getBean(RedisServiceRegistry.class)
				.register(ServiceConfig.tcp("game", "1", "127.0.0.1", 7001));
			discovery.subscribe((snapshot) -> {
			});
			await().atMost(Duration.ofSeconds(10))
				.until(() -> discovery.status().state() == State.DOWN && registration.lastError() != null);
			assertThat(discovery.status().toString()).contains("redis key 'games'").doesNotContain(SECRET);
			assertThat(registration.lastError()).doesNotContain(SECRET);
		});
		assertThat(output).contains("redis key 'games'").doesNotContain(SECRET);
	}

}
