package dev.backend.protocol;

import io.netty.buffer.ByteBuf;

class IssuedIdCodec extends OrderCodec {

	@Override
	public int idBits() {
		return 31;
	}

	@Override
	protected void encodeBody(Order order, long id, ByteBuf out) {
		encodeBody(new Order((int) id, order.text()), out);
	}

}
