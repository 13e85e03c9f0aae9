package dev.backend.sample.gateway;

import java.time.Duration;
import java.util.List;

import dev.backend.test.FreePorts;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A service of the Go fleet, imitated by raw commands on the sample's Redis.
 */
class OutsideRegistrationTests extends AbstractSampleTests {

	private static final String KEY = "sample-games";

	@Test
	void whenOutsideServiceRegistersThenItShowsUntilItsHeartbeatsEnd() {
		try (RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", this.redisPort))) {
			register(client.connect().sync(), "match&match-7&127.0.0.1&" + FreePorts.one() + "&tcp");
			await().untilAsserted(() -> assertThat(backends()).contains("\"match\"", "\"match-7\""));
			await().atMost(Duration.ofSeconds(30))
				.untilAsserted(() -> assertThat(backends()).doesNotContain("\"match\"", "\"match-7\""));
			assertUsable("game-1", "game-2", "game-3", "pay-1", "pay-2");
		}
	}

	private static void register(RedisCommands<String, String> redis, String member) {
		List<String> time = redis.time();
		double now = Long.parseLong(time.get(0)) * 1000.0 + Long.parseLong(time.get(1)) / 1000.0;
		redis.zadd(KEY, now, member);
		redis.set("_{" + KEY + "}_list_", String.join(",", redis.zrange(KEY, 0, -1).stream().sorted().toList()));
		redis.publish("_{" + KEY + "}_channel_", "reg " + member);
	}

	private String backends() {
		return get("/actuator/backends", String.class);
	}

}
