package dev.backend.autoconfigure.guide;

import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;

class PongHandler implements TcpHandler<String> {

	@Override
	public boolean handlesControl() {
		return true;
	}

	@Override
	public boolean onControl(TcpConnection<String> connection, String message) {
		if (message.startsWith("ping")) {
			connection.trySend("pong" + message.substring(4));
			return true;
		}
		return false;
	}

}
