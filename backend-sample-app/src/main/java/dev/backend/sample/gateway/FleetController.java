package dev.backend.sample.gateway;

import java.time.Duration;
import java.util.function.Consumer;

import dev.backend.http.HttpBackend;
import dev.backend.sample.protocol.GameMessage;
import dev.backend.sample.server.Server;
import dev.backend.sample.server.Servers;
import dev.backend.tcp.TcpBackend;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the page shows: the fleet as the gateway sees it, what happens, and the buttons of
 * the servers.
 */
@RestController
@RequestMapping("/api")
class FleetController {

	private static final Duration SAMPLING = Duration.ofMillis(100);

	private final TcpBackend<GameMessage> games;

	private final HttpBackend payments;

	private final Servers servers;

	private final EventLog events;

	FleetController(TcpBackend<GameMessage> games, HttpBackend payments, Servers servers, EventLog events) {
		this.games = games;
		this.payments = payments;
		this.servers = servers;
		this.events = events;
	}

	/** Returns the services with their states, and the servers of the sample. */
	@GetMapping("/fleet")
	FleetView fleet() {
		return FleetView.of(this.games, this.payments, this.servers);
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

	/** Starts a server. */
	@PostMapping("/servers/{id}/start")
	Mono<ServerView> start(@PathVariable String id) {
		return change(id, Server::start);
	}

	/** Stops a server properly. */
	@PostMapping("/servers/{id}/stop")
	Mono<ServerView> stop(@PathVariable String id) {
		return change(id, Server::stop);
	}

	/** Ends a server as a crash would. */
	@PostMapping("/servers/{id}/kill")
	Mono<ServerView> kill(@PathVariable String id) {
		return change(id, Server::kill);
	}

	/** Waits for Redis, which an event loop must not. */
	private Mono<ServerView> change(String id, Consumer<Server> change) {
		return Mono.fromCallable(() -> {
			Server server = this.servers.get(id);
			change.accept(server);
			return ServerView.of(server);
		}).subscribeOn(Schedulers.boundedElastic());
	}

	private static ServerSentEvent<Object> event(String name, Object data) {
		return ServerSentEvent.builder(data).event(name).build();
	}

}
