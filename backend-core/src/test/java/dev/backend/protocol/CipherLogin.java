package dev.backend.protocol;

import java.time.Duration;

import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;

class CipherLogin implements TcpHandler<Order> {

	static final int HELLO = -1;

	@Override
	public void onConnected(TcpConnection<Order> connection) {
		Order reply = connection.request(new Order(HELLO, "hello"), Duration.ofSeconds(5)).join();
		connection.codec(CipherCodec.class).encipher(reply.text());
	}

}
