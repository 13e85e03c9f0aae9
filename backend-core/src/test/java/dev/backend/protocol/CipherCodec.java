package dev.backend.protocol;

import java.nio.charset.StandardCharsets;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

class CipherCodec implements MessageCodec<Order> {

	private final OrderCodec plain = new OrderCodec();

	private volatile @Nullable XorStream outbound;

	private volatile @Nullable XorStream inbound;

	/** How many bytes at the front of what has arrived are deciphered. */
	private int deciphered;

	@Override
	public MessageCodec<Order> forConnection(BackendService service) {
		return new CipherCodec();
	}

	void encipher(String key) {
		this.inbound = new XorStream(key.getBytes(StandardCharsets.UTF_8));
		this.outbound = new XorStream(key.getBytes(StandardCharsets.UTF_8));
	}

	@Override
	public void encode(Order order, ByteBuf out) throws Exception {
		int start = out.writerIndex();
		this.plain.encode(order, out);
		XorStream cipher = this.outbound;
		if (cipher != null) {
			cipher.apply(out, start, out.writerIndex());
		}
	}

	@Override
	public @Nullable Order decode(ByteBuf in) throws Exception {
		XorStream cipher = this.inbound;
		if (cipher == null) {
			return this.plain.decode(in);
		}
		cipher.apply(in, in.readerIndex() + this.deciphered, in.writerIndex());
		Order order = this.plain.decode(in);
		this.deciphered = in.readableBytes();
		return order;
	}

	@Override
	public Object requestId(Order order) {
		return this.plain.requestId(order);
	}

	@Override
	public Object responseId(Order order) {
		return this.plain.responseId(order);
	}

}
