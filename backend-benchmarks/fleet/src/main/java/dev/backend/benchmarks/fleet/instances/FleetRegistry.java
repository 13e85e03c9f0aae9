package dev.backend.benchmarks.fleet.instances;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;

/**
 * Writes entries into one key, many without waiting for the answers: heartbeats by the
 * library's own script, registrations in a way that costs Redis less. One connection, so
 * they take effect in the order of the calls. For one thread.
 */
final class FleetRegistry {

	private static final String UNITS_PER_SECOND = "1000";

	private static final String EXPIRY = "8000";

	private final StatefulRedisConnection<String, String> connection;

	private final RedisAsyncCommands<String, String> redis;

	/** For what waits for an answer. */
	private final RedisCommands<String, String> blocking;

	private final String[] keys;

	private final String channel;

	private final String register;

	private final String replace;

	/** Where the list has each member, in bytes. */
	private final Map<String, Integer> places = new HashMap<>();

	private final AtomicLong slowestNanos = new AtomicLong();

	FleetRegistry(int port, String key) throws IOException {
		RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", port));
		this.connection = client.connect();
		this.blocking = client.connect().sync();
		this.redis = this.connection.async();
		this.keys = new String[] { key, "_{" + key + "}_list_" };
		this.channel = "_{" + key + "}_channel_";
		this.blocking.del(this.keys);
		this.register = this.blocking.scriptLoad(script("dev/backend/discovery/redis/register.lua"));
		this.replace = this.blocking.scriptLoad(script("dev/backend/benchmarks/fleet/instances/replace.lua"));
		this.connection.setAutoFlushCommands(false);
	}

	/**
	 * Fills the key. Only the last member is registered as members are, which writes the
	 * list of all: with each that is new Redis sorts the whole fleet.
	 */
	void fill(List<Member> members) throws Exception {
		long now = System.currentTimeMillis();
		for (Member member : members.subList(0, members.size() - 1)) {
			track(this.redis.zadd(this.keys[0], now, member.text()));
		}
		CompletionStage<?> last = register(members.get(members.size() - 1));
		flush();
		last.toCompletableFuture().get();
		int place = 0;
		for (String member : String.valueOf(this.blocking.get(this.keys[1])).split(",")) {
			this.places.put(member, place);
			place += member.getBytes(StandardCharsets.UTF_8).length + 1;
		}
	}

	/** Registers an instance, or beats for it. Takes effect with {@link #flush()}. */
	CompletionStage<?> register(Member member) {
		RedisFuture<Long> answer = this.redis.evalsha(this.register, ScriptOutputType.INTEGER, this.keys,
				UNITS_PER_SECOND, EXPIRY, this.channel, "0", member.text());
		return track(answer);
	}

	/**
	 * Deregisters an instance and registers its successor, whose text is as long and
	 * sorts alike. Takes effect with {@link #flush()}.
	 */
	CompletionStage<?> replace(Member before, Member after) {
		Integer place = this.places.remove(before.text());
		if (place == null) {
			throw new IllegalArgumentException(before.text() + " is not in the list");
		}
		this.places.put(after.text(), place);
		RedisFuture<Long> answer = this.redis.evalsha(this.replace, ScriptOutputType.INTEGER, this.keys, this.channel,
				before.text(), after.text(), Integer.toString(place));
		return track(answer);
	}

	private CompletionStage<?> track(CompletionStage<?> answer) {
		long asked = System.nanoTime();
		return answer.whenComplete((result, failure) -> {
			this.slowestNanos.accumulateAndGet(System.nanoTime() - asked, Math::max);
			if (failure != null) {
				failure.printStackTrace();
			}
		});
	}

	void flush() {
		this.connection.flushCommands();
	}

	/** What the slowest answer since the last call of this took, in nanoseconds. */
	long slowestNanos() {
		return this.slowestNanos.getAndSet(0);
	}

	/** How many bytes Redis has sent to all its clients since it was started. */
	long sentBytes() {
		String prefix = "total_net_output_bytes:";
		return this.blocking.info("stats")
			.lines()
			.filter((line) -> line.startsWith(prefix))
			.mapToLong((line) -> Long.parseLong(line.substring(prefix.length()).strip()))
			.sum();
	}

	private static String script(String resource) throws IOException {
		try (InputStream script = FleetRegistry.class.getClassLoader().getResourceAsStream(resource)) {
			if (script == null) {
				throw new IOException(resource + " is not on the class path");
			}
			return new String(script.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

}
