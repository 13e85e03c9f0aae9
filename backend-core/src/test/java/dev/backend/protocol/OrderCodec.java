package dev.backend.protocol;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.FramedCodec;
import dev.backend.codec.LengthFieldFraming;
import io.netty.buffer.ByteBuf;

class OrderCodec extends FramedCodec<Order> {

	OrderCodec() {
		super(LengthFieldFraming.of(2).littleEndian());
	}

	@Override
	protected void encodeBody(Order order, ByteBuf out) {
		out.writeIntLE(order.id()).writeCharSequence(order.text(), StandardCharsets.UTF_8);
	}

	@Override
	protected Order decodeBody(ByteBuf body) {
		return new Order(body.readIntLE(), body.toString(StandardCharsets.UTF_8));
	}

	@Override
	public Object requestId(Order order) {
		return order.id();
	}

	@Override
	public Object responseId(Order order) {
		return order.id();
	}

}
