package dev.backend.sample.gateway;

import java.time.Duration;
import java.util.function.Consumer;

import dev.backend.ServiceNotFoundException;
import dev.backend.routing.HashRing;
import dev.backend.sample.protocol.GameMessage;
import dev.backend.sample.server.GameServer;
import dev.backend.sample.server.GameServers;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpService;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the page shows: the fleet as the gateway sees it, its rings, what happens, and the
 * buttons of the game servers.
 */
@RestController
@RequestMapping("/api")
class FleetController {

	private static final Duration SAMPLING = Duration.ofMillis(100);

	private final TcpBackend<GameMessage> backend;

	private final GameServers servers;

	private final EventLog events;

	FleetController(TcpBackend<GameMessage> backend, GameServers servers, EventLog events) {
		this.backend = backend;
		this.servers = servers;
		this.events = events;
	}

	/** Returns the services with their states, and the game servers. */
	@GetMapping("/fleet")
	FleetView fleet() {
		return FleetView.of(this.backend, this.servers);
	}

	/** Returns each service's share of a ring, and the arcs it is made of. */
	@GetMapping("/ring")
	RingView ring(@RequestParam(defaultValue = "game") String service,
			@RequestParam(required = false) @Nullable String tag) {
		var routing = this.backend.group(service).routing();
		HashRing<TcpService<GameMessage>> ring = (tag != null) ? routing.ring(tag) : routing.ring();
		if (ring == null) {
			throw new ServiceNotFoundException(
					"No usable service %s with tag '%s' (expected: one of %s)".formatted(service, tag, routing.tags()));
		}
		return new RingView(ring.shares(), ring.arcs());
	}

	/** Sends what happens as it happens, and the fleet whenever it looks different. */
	@GetMapping("/events")
	Flux<ServerSentEvent<Object>> events() {
		Flux<ServerSentEvent<Object>> fleet = Flux.interval(Duration.ZERO, SAMPLING)
			.onBackpressureDrop()
			.map((tick) -> fleet())
			.distinctUntilChanged()
			.map((view) -> event("fleet", view));
		Flux<ServerSentEvent<Object>> log = this.events.stream().map((entry) -> event("log", entry));
		return log.mergeWith(fleet.takeUntilOther(log.ignoreElements()));
	}

	/** Starts a game server. */
	@PostMapping("/servers/{id}/start")
	Mono<ServerView> start(@PathVariable String id) {
		return change(id, GameServer::start);
	}

	/** Stops a game server properly. */
	@PostMapping("/servers/{id}/stop")
	Mono<ServerView> stop(@PathVariable String id) {
		return change(id, GameServer::stop);
	}

	/** Ends a game server as a crash would. */
	@PostMapping("/servers/{id}/kill")
	Mono<ServerView> kill(@PathVariable String id) {
		return change(id, GameServer::kill);
	}

	/** Waits for Redis, which an event loop must not. */
	private Mono<ServerView> change(String id, Consumer<GameServer> change) {
		return Mono.fromCallable(() -> {
			GameServer server = this.servers.get(id);
			change.accept(server);
			return ServerView.of(server);
		}).subscribeOn(Schedulers.boundedElastic());
	}

	private static ServerSentEvent<Object> event(String name, Object data) {
		return ServerSentEvent.builder(data).event(name).build();
	}

}
