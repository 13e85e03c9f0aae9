package dev.backend.autoconfigure.readme;

import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;

@Component
class GameHandler implements TcpHandler<GameMessage> {

	private static final Logger logger = LoggerFactory.getLogger(GameHandler.class);

	@Override
	public void onMessage(TcpConnection<GameMessage> connection, GameMessage message) {
		logger.info("{} says: {}", connection.service().id(), message.text());
	}

}
