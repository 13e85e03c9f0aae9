package dev.backend.protocol;

import java.time.Duration;

import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;

class MqttClient implements TcpHandler<MqttPacket> {

	/** In seconds. The broker closes the connection after half as much again. */
	private static final int KEEP_ALIVE = 10;

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	@Override
	public void onConnected(TcpConnection<MqttPacket> connection) {
		MqttPacket connect = MqttPacket.connect("gateway-1", KEEP_ALIVE);
		MqttPacket answer = connection.request(MqttPacket.CONNACK, connect, TIMEOUT).join();
		if (answer.body()[1] != 0) {
			throw new IllegalStateException("refused by the broker: " + answer.body()[1]);
		}
		connection.request(MqttPacket.SUBACK, MqttPacket.subscribe(1, "games/#"), TIMEOUT).join();
	}

	@Override
	public void onMessage(TcpConnection<MqttPacket> connection, MqttPacket packet) throws Exception {
		if (packet.header() != MqttPacket.PINGRESP) {
			published(packet);
		}
	}

	/** A message of a topic. */
	void published(MqttPacket packet) throws Exception {
	}

}
