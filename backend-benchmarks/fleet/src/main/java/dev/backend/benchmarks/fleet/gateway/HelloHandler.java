package dev.backend.benchmarks.fleet.gateway;

import java.nio.charset.StandardCharsets;

import dev.backend.benchmarks.rpc.backend.EchoMessage;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;

/**
 * Says which instance it has connected to, since many share a port.
 */
final class HelloHandler implements TcpHandler<EchoMessage> {

	@Override
	public void onConnected(TcpConnection<EchoMessage> connection) {
		connection.send(new EchoMessage(0, connection.service().id().getBytes(StandardCharsets.UTF_8)));
	}

}
