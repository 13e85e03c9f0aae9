package dev.backend.protocol;

import dev.backend.BackendService;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;

class NumberedCodec extends OrderCodec {

	private int sent;

	private int received;

	@Override
	public MessageCodec<Order> forConnection(BackendService service) {
		return new NumberedCodec();
	}

	@Override
	protected void encodeBody(Order order, ByteBuf out) {
		out.writeIntLE(++this.sent);
		super.encodeBody(order, out);
	}

	@Override
	protected Order decodeBody(ByteBuf body) {
		int number = body.readIntLE();
		if (number != ++this.received) {
			throw new CodecException("sequence number: %d (expected: %d)".formatted(number, this.received));
		}
		return super.decodeBody(body);
	}

	@Override
	public Order heartbeat() {
		return new Order(0, "heartbeat");
	}

}
