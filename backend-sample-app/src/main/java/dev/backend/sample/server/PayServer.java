package dev.backend.sample.server;

import dev.backend.ServiceConfig;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServer;

/**
 * A pay server: says its id over HTTP to whoever asks for an account.
 */
final class PayServer extends Server {

	PayServer(String id, int port, ServerRegistry registry) {
		super("pay", id, "", port, registry);
	}

	@Override
	HttpServer transport() {
		return HttpServer.create()
			.route((routes) -> routes.get("/accounts/{user}",
					(request, response) -> response.header("Content-Type", "text/plain").sendString(Mono.just(id()))));
	}

	@Override
	ServiceConfig config(String address, int port) {
		return ServiceConfig.http(service(), id(), address, port);
	}

}
