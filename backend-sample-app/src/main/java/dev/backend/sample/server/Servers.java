package dev.backend.sample.server;

import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;

import reactor.core.publisher.Flux;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * The servers of the sample: three of games, and two of pay. They start before the
 * gateway and stop after it.
 */
@Component
public class Servers implements SmartLifecycle {

	/** Before everything but Redis. */
	static final int PHASE = Integer.MIN_VALUE + 1000;

	private final List<Server> servers;

	private volatile boolean running;

	Servers(ServerRegistry registry, @Value("${sample.servers.ports:0,0,0,0,0}") List<Integer> ports) {
		this.servers = List.of(new GameServer("game-1", "eu", ports.get(0), registry),
				new GameServer("game-2", "eu", ports.get(1), registry),
				new GameServer("game-3", "us", ports.get(2), registry), new PayServer("pay-1", ports.get(3), registry),
				new PayServer("pay-2", ports.get(4), registry));
	}

	/**
	 * Returns the servers, running or not.
	 * @return the servers in the order of their ids
	 */
	public List<Server> all() {
		return this.servers;
	}

	/**
	 * Returns a server by its id.
	 * @param id the id
	 * @return the server
	 * @throws NoSuchElementException if there is none
	 */
	public Server get(String id) {
		return this.servers.stream()
			.filter((server) -> server.id().equals(id))
			.findFirst()
			.orElseThrow(() -> new NoSuchElementException(
					"server: %s (expected: one of %s)".formatted(id, this.servers.stream().map(Server::id).toList())));
	}

	@Override
	public void start() {
		this.running = true;
		this.servers.forEach(Server::start);
		awaitRegistrations();
	}

	/** So that the gateway, which starts next, finds all of them at once. */
	private void awaitRegistrations() {
		Flux.interval(Duration.ZERO, Duration.ofMillis(20))
			.takeUntil((tick) -> this.servers.stream().allMatch(Server::registered))
			.take(Duration.ofSeconds(5))
			.blockLast();
	}

	@Override
	public void stop() {
		this.servers.forEach(Server::stop);
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

}
