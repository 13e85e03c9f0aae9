package dev.backend.autoconfigure.guide;

import dev.backend.autoconfigure.guide.fleets.Move;
import dev.backend.tcp.TcpBackend;

import org.springframework.beans.factory.annotation.Qualifier;

class Lobbies {

	private final TcpBackend<Move> europe;

	private final TcpBackend<Move> america;

	Lobbies(@Qualifier("eu-game") TcpBackend<Move> europe, @Qualifier("us-game") TcpBackend<Move> america) {
		this.europe = europe;
		this.america = america;
	}

	TcpBackend<Move> of(boolean european) {
		return european ? this.europe : this.america;
	}

}
