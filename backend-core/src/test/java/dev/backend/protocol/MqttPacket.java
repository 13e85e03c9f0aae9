package dev.backend.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A packet of MQTT 3.1.1 (OASIS standard, 2014), as far as the recipe needs it.
 *
 * @param header the type and its flags
 * @param body all that follows the length
 */
record MqttPacket(byte header, byte[] body) {

	static final byte CONNECT = 0x10;

	static final byte CONNACK = 0x20;

	static final byte PUBLISH = 0x30;

	static final byte SUBSCRIBE = (byte) 0x82;

	static final byte SUBACK = (byte) 0x90;

	static final byte PINGREQ = (byte) 0xC0;

	static final byte PINGRESP = (byte) 0xD0;

	/** Asks for a clean session; the keep-alive is in seconds. */
	static MqttPacket connect(String clientId, int keepAlive) {
		byte[] body = ByteBuffer.allocate(12 + clientId.length())
			.put(text("MQTT"))
			.put((byte) 4)
			.put((byte) 2)
			.putShort((short) keepAlive)
			.put(text(clientId))
			.array();
		return new MqttPacket(CONNECT, body);
	}

	/** Subscribes to a topic, at most once. */
	static MqttPacket subscribe(int id, String topic) {
		byte[] body = ByteBuffer.allocate(5 + topic.length()).putShort((short) id).put(text(topic)).array();
		return new MqttPacket(SUBSCRIBE, body);
	}

	private static byte[] text(String text) {
		byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
		return ByteBuffer.allocate(2 + bytes.length).putShort((short) bytes.length).put(bytes).array();
	}

}
