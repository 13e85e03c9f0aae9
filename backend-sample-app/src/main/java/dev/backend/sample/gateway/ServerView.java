package dev.backend.sample.gateway;

import dev.backend.sample.server.Server;

/**
 * A server of the sample as it sees itself.
 *
 * @param service the name of the service that it is an instance of
 * @param id its id
 * @param tag its routing tag; empty if there is none
 * @param state what it is doing
 */
record ServerView(String service, String id, String tag, Server.State state) {

	static ServerView of(Server server) {
		return new ServerView(server.service(), server.id(), server.tag(), server.state());
	}

}
