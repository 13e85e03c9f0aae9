package dev.backend.autoconfigure.guide.fleets;

import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;

@Component
class ChatHandler implements TcpHandler<String> {

	private static final Logger logger = LoggerFactory.getLogger(ChatHandler.class);

	@Override
	public void onConnected(TcpConnection<String> connection) {
		logger.info("Joined {}", connection.service().id());
	}

	@Override
	public void onMessage(TcpConnection<String> connection, String line) {
		logger.info("{} says: {}", connection.service().id(), line);
	}

}
