package dev.backend.protocol;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

class AgreedCipherCodec extends CipherCodec {

	@Override
	public MessageCodec<Order> forConnection(BackendService service) {
		return new AgreedCipherCodec();
	}

	@Override
	public @Nullable Order decode(ByteBuf in) throws Exception {
		Order order = super.decode(in);
		if (order != null && order.id() == CipherLogin.HELLO) {
			encipher(order.text());
		}
		return order;
	}

}
