package dev.backend.benchmarks.rpc.integration;

import java.nio.ByteBuffer;
import java.util.Arrays;

import org.springframework.integration.ip.tcp.connection.TcpNetClientConnectionFactory;
import org.springframework.integration.ip.tcp.serializer.ByteArrayLengthHeaderSerializer;

/**
 * What gateway and adapters share: the shared echo server's frames, whose payload is an
 * id of eight bytes and the body.
 */
final class IntegrationFrames {

	private static final int ID_SIZE = 8;

	private IntegrationFrames() {
	}

	static TcpNetClientConnectionFactory connectionFactory(String host, int port) {
		TcpNetClientConnectionFactory factory = new TcpNetClientConnectionFactory(host, port);
		ByteArrayLengthHeaderSerializer serializer = new ByteArrayLengthHeaderSerializer();
		serializer.setMaxMessageSize(1 << 20);
		factory.setSerializer(serializer);
		factory.setDeserializer(serializer);
		factory.setSoTcpNoDelay(true);
		return factory;
	}

	static byte[] payload(long id, byte[] body) {
		return ByteBuffer.allocate(ID_SIZE + body.length).putLong(id).put(body).array();
	}

	static long id(byte[] payload) {
		return ByteBuffer.wrap(payload).getLong();
	}

	static byte[] body(byte[] payload) {
		return Arrays.copyOfRange(payload, ID_SIZE, payload.length);
	}

}
