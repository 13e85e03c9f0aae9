package dev.backend.sample.gateway;

import java.time.Duration;

import dev.backend.sample.protocol.GameMessage;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.stereotype.Component;

/**
 * What the gateway does with its connections: greets a server before it is used, and
 * takes what servers send on their own account.
 */
@Component
class GameHandler implements TcpHandler<GameMessage> {

	private static final Logger logger = LoggerFactory.getLogger(GameHandler.class);

	private static final Duration GREETING_TIMEOUT = Duration.ofSeconds(2);

	private final MessageIds ids;

	private final Receipts receipts;

	GameHandler(MessageIds ids, Receipts receipts) {
		this.ids = ids;
		this.receipts = receipts;
	}

	/** The login: an address may have gone to another server since it was registered. */
	@Override
	public void onConnected(TcpConnection<GameMessage> connection) {
		GameMessage hello = GameMessage.request(this.ids.next(), "hello");
		GameMessage welcome = connection.request(hello, GREETING_TIMEOUT).join();
		if (!welcome.server().equals(connection.service().id())) {
			throw new IllegalStateException("%s: answered by '%s' (expected: '%s')"
				.formatted(connection.service().config().label(), welcome.server(), connection.service().id()));
		}
	}

	@Override
	public void onMessage(TcpConnection<GameMessage> connection, GameMessage message) {
		logger.debug("{}: {}", connection.service().id(), message);
		if (message.kind() == GameMessage.Kind.RECEIPT) {
			this.receipts.arrived(message);
		}
	}

}
