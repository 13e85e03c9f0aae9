package dev.backend.autoconfigure.guide;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import dev.backend.Route;
import dev.backend.SendResult;
import dev.backend.ServiceConfig;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.tcp.BroadcastResult;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpBatch;
import dev.backend.tcp.TcpService;
import org.jspecify.annotations.Nullable;

class GameRoutes {

	private final TcpBackend<String> backend;

	GameRoutes(TcpBackend<String> backend) {
		this.backend = backend;
	}

	void routes(String userId) {
		this.backend.send("game", Route.hash(userId), "to the owner of the key");
		this.backend.send("game", Route.hash(userId).tag("eu"), "to its owner among those with the tag");
		this.backend.send("game", Route.hash(userId).tries(2), "to the next owner, if the first refuses at once");
		this.backend.send("game", Route.any(), "to a random one, by weight");
		this.backend.send("game", "game-1", "to this one");
	}

	CompletableFuture<String> ask(String userId) {
		return this.backend.request("game", Route.hash(userId), "question", Duration.ofSeconds(2));
	}

	CompletableFuture<String> transaction(String userId) {
		TcpBatch<String> batch = new TcpBatch<String>().send("MULTI")
			.send("SET gold 7")
			.request("EXEC", Duration.ofSeconds(2));
		return this.backend.submit("game", Route.hash(userId), batch).get(0);
	}

	boolean tell(String userId) {
		SendResult result = this.backend.trySend("game", Route.hash(userId), "news");
		return result.accepted();
	}

	int tellAll() {
		BroadcastResult<String> result = this.backend.broadcast("game", "news for all");
		return result.accepted();
	}

	@Nullable String ownerOf(String userId) {
		TcpService<String> owner = this.backend.find("game", Route.hash(userId));
		return (owner != null) ? owner.id() : null;
	}

	static void register(RedisServiceRegistry registry) {
		registry.register(ServiceConfig.tcp("game", "game-4", "10.0.0.8", 7001)
			.withTags("eu", "vip")
			.withMetadata(Map.of(ServiceConfig.METADATA_WEIGHT, "2")));
	}

}
