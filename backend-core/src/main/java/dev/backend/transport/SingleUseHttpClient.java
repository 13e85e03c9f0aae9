package dev.backend.transport;

import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;

/**
 * The HTTP client for questions about state: each request has a connection of its own,
 * which is closed after it, and is sent once.
 *
 * <p>
 * reactor-netty hands a response over when its head has come. If the request is given up
 * by another thread at that moment, and the rest came with the head, nobody reads the
 * rest, and nobody releases it: closing the connection releases only what a response
 * still under way has left. So this client reads it when the response has ended. Whoever
 * wants a response must therefore read it on the event loop, as it comes.
 */
public final class SingleUseHttpClient {

	private SingleUseHttpClient() {
	}

	/**
	 * Creates a client, which is immutable.
	 * @param loops the event loops
	 * @return the client
	 */
	public static HttpClient create(EventLoops loops) {
		return HttpClient.create(ConnectionProvider.newConnection())
			// First, since runOn keeps one of its own otherwise, and the loops, for good.
			.resolver(loops.nameResolution())
			.runOn(loops.resources())
			.disableRetry(true)
			.keepAlive(false)
			.doAfterResponseSuccess(SingleUseHttpClient::releaseUnread);
	}

	/** It is an error that somebody reads already, and means that nothing is left. */
	private static void releaseUnread(HttpClientResponse response, Connection connection) {
		connection.inbound().receive().subscribe((part) -> {
		}, (alreadyRead) -> {
		});
	}

}
