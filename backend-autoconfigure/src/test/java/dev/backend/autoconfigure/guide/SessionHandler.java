package dev.backend.autoconfigure.guide;

import java.time.Duration;

import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

@Component
class SessionHandler implements TcpHandler<String> {

	@Override
	public void onConnected(TcpService<String> service) {
		String answer = service.request("login gateway-1", Duration.ofSeconds(3)).join();
		if (!answer.equals("welcome")) {
			// The connection is closed, and tried again later.
			throw new IllegalStateException("refused: " + answer);
		}
		service.info(Session.class).loggedIn();
	}

	@Override
	public void onMessage(TcpService<String> service, String message) {
		service.info(Session.class).received(message);
	}

	@Override
	public void onDisconnected(TcpService<String> service, @Nullable Throwable cause) {
		service.info(Session.class).loggedOut();
	}

}
