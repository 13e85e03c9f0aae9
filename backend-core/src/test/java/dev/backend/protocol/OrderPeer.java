package dev.backend.protocol;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The server's side of {@link OrderCodec}, without any code of it: a length of two bytes,
 * an id of four, and text, all little endian.
 */
final class OrderPeer {

	private OrderPeer() {
	}

	static byte[] frame(Order order) {
		return frame(body(order));
	}

	static byte[] frame(byte[] body) {
		return ByteBuffer.allocate(2 + body.length)
			.order(ByteOrder.LITTLE_ENDIAN)
			.putShort((short) body.length)
			.put(body)
			.array();
	}

	static byte[] body(Order order) {
		byte[] text = order.text().getBytes(StandardCharsets.UTF_8);
		return ByteBuffer.allocate(4 + text.length).order(ByteOrder.LITTLE_ENDIAN).putInt(order.id()).put(text).array();
	}

	static byte[] readBody(DataInputStream in) throws IOException {
		byte[] body = new byte[Short.toUnsignedInt(Short.reverseBytes(in.readShort()))];
		in.readFully(body);
		return body;
	}

	static Order order(byte[] body) {
		ByteBuffer buffer = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
		return new Order(buffer.getInt(), StandardCharsets.UTF_8.decode(buffer).toString());
	}

	/** Answers each order with itself, for as long as they come. */
	static void echo(DataInputStream in, OutputStream out) throws IOException {
		while (true) {
			out.write(frame(readBody(in)));
			out.flush();
		}
	}

}
