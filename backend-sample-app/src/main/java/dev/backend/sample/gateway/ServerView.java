package dev.backend.sample.gateway;

import dev.backend.sample.server.GameServer;

/**
 * A game server as it sees itself.
 *
 * @param id its id
 * @param tag its routing tag
 * @param state what it is doing
 */
record ServerView(String id, String tag, GameServer.State state) {

	static ServerView of(GameServer server) {
		return new ServerView(server.id(), server.tag(), server.state());
	}

}
