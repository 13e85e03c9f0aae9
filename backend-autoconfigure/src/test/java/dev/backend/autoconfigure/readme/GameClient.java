package dev.backend.autoconfigure.readme;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.Route;
import dev.backend.tcp.TcpBackend;

import org.springframework.stereotype.Service;

@Service
class GameClient {

	private final AtomicLong ids = new AtomicLong();

	private final TcpBackend<GameMessage> backend;

	GameClient(TcpBackend<GameMessage> backend) {
		this.backend = backend;
	}

	// The reply of the server that owns the user's key.
	String ask(String userId, String text) {
		GameMessage request = new GameMessage(this.ids.incrementAndGet(), text);
		return this.backend.request("game", Route.hash(userId), request, Duration.ofSeconds(2)).join().text();
	}

	// To the owner of the key among the servers with the tag "eu".
	void tell(String userId, String text) {
		this.backend.send("game", Route.hash(userId).tag("eu"), new GameMessage(0, text));
	}

	// To every server; returns how many queued it.
	int tellAll(String text) {
		return this.backend.broadcast("game", new GameMessage(0, text)).accepted();
	}

}
