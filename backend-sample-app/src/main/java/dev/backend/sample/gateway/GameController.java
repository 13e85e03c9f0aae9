package dev.backend.sample.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import dev.backend.SendResult;
import dev.backend.sample.protocol.GameMessage;
import dev.backend.sample.protocol.GameMessageCodec;
import dev.backend.tcp.BroadcastResult;
import dev.backend.tcp.TcpBackend;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * The game servers over HTTP: a request to the owner of a key, and a notice to all.
 */
@RestController
@RequestMapping("/api")
class GameController {

	private static final String GROUP = "game";

	private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(2);

	private static final Duration RECEIPTS_TIMEOUT = Duration.ofSeconds(1);

	/** More than a frame may have, so that the codec's bound is what a caller meets. */
	private static final int MAXIMUM_BODY = 4 * GameMessageCodec.MAXIMUM_FRAME;

	private final TcpBackend<GameMessage> backend;

	private final MessageIds ids;

	private final Receipts receipts;

	GameController(TcpBackend<GameMessage> backend, MessageIds ids, Receipts receipts) {
		this.backend = backend;
		this.ids = ids;
		this.receipts = receipts;
	}

	/** Sends a text to the server that owns the key; answers with its reply. */
	@PostMapping("/request")
	Mono<Reply> request(@RequestParam String key, @RequestParam(required = false) @Nullable String tag,
			ServerHttpRequest http) {
		return text(http).map((text) -> GameMessage.request(this.ids.next(), text))
			.flatMap((request) -> Mono.fromFuture(
					() -> this.backend.request(GROUP, RouteController.route(key, tag), request, REQUEST_TIMEOUT)))
			.map((reply) -> new Reply(GROUP, reply.server(), reply.text()));
	}

	/** Sends a text to all servers; answers with what became of it at each. */
	@PostMapping("/broadcast")
	Mono<Outcome> broadcast(ServerHttpRequest http) {
		return text(http).map((text) -> GameMessage.notice(this.ids.next(), text)).flatMap(this::broadcast);
	}

	private Mono<Outcome> broadcast(GameMessage notice) {
		var receipts = this.receipts.of(notice.id());
		BroadcastResult<GameMessage> result = this.backend.broadcast(GROUP, notice);
		return receipts.map(GameMessage::server)
			.take(result.accepted())
			.take(RECEIPTS_TIMEOUT)
			.collectList()
			.map((servers) -> Outcome.of(result, servers));
	}

	/** The body as text, whatever its content type says: curl says that it is a form. */
	private static Mono<String> text(ServerHttpRequest http) {
		return DataBufferUtils.join(http.getBody(), MAXIMUM_BODY).map((body) -> {
			String text = body.toString(StandardCharsets.UTF_8);
			DataBufferUtils.release(body);
			return text;
		})
			.defaultIfEmpty("")
			.onErrorMap(DataBufferLimitException.class,
					(ex) -> new ResponseStatusException(HttpStatus.CONTENT_TOO_LARGE, ex.getMessage()));
	}

	/**
	 * The reply of a server.
	 */
	record Reply(String service, String id, String reply) {
	}

	/**
	 * What became of a notice.
	 */
	record Outcome(String service, int accepted, int replies, Map<String, SendResult> targets, List<String> repliedBy) {

		static Outcome of(BroadcastResult<GameMessage> result, List<String> repliedBy) {
			Map<String, SendResult> targets = new TreeMap<>();
			result.byService().forEach((service, outcome) -> targets.put(service.id(), outcome));
			return new Outcome(GROUP, result.accepted(), repliedBy.size(), targets,
					repliedBy.stream().sorted().toList());
		}

	}

}
