package dev.backend.autoconfigure.guide.fleets;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.Route;
import dev.backend.tcp.TcpBackend;

import org.springframework.stereotype.Component;

@Component
public class Gateway {

	private final TcpBackend<Move> game;

	private final TcpBackend<String> chat;

	private final AtomicLong ids = new AtomicLong();

	Gateway(TcpBackend<Move> game, TcpBackend<String> chat) {
		this.game = game;
		this.chat = chat;
	}

	public CompletableFuture<Move> move(String player, String square) {
		Move move = new Move(this.ids.incrementAndGet(), player, square);
		return this.game.request("game", Route.hash(player), move, Duration.ofSeconds(2));
	}

	public CompletableFuture<String> say(String room, String text) {
		return this.chat.request("chat", Route.hash(room), text, Duration.ofSeconds(2));
	}

}
