package dev.backend.autoconfigure.guide;

import java.time.Duration;

import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

@Component
class SessionHandler implements TcpHandler<String> {

	@Override
	public void onConnected(TcpConnection<String> connection) {
		String answer = connection.request("login gateway-1", Duration.ofSeconds(3)).join();
		if (!answer.equals("welcome")) {
			// The connection is closed, and tried again later.
			throw new IllegalStateException("refused: " + answer);
		}
		connection.service().info(Session.class).loggedIn();
	}

	@Override
	public void onMessage(TcpConnection<String> connection, String message) {
		connection.service().info(Session.class).received(message);
	}

	@Override
	public void onDisconnected(TcpConnection<String> connection, @Nullable Throwable cause) {
		connection.service().info(Session.class).loggedOut();
	}

}
