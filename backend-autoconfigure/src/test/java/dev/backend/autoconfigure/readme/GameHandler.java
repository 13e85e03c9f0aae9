package dev.backend.autoconfigure.readme;

import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;

@Component
class GameHandler implements TcpHandler<GameMessage> {

	private static final Logger logger = LoggerFactory.getLogger(GameHandler.class);

	@Override
	public void onMessage(TcpService<GameMessage> service, GameMessage message) {
		logger.info("{} says: {}", service.id(), message.text());
	}

}
