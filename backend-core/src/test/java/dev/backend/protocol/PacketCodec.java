package dev.backend.protocol;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.FrameField;
import dev.backend.codec.FrameLayout;
import dev.backend.codec.FrameLayout.Counted;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

class PacketCodec implements MessageCodec<Packet> {

	private static final FrameLayout LAYOUT = FrameLayout.builder()
		.type(2)
		.length(4, Counted.BODY)
		.id(4)
		.body()
		.build();

	private static final FrameField TYPE = LAYOUT.field(FrameLayout.TYPE);

	private static final FrameField ID = LAYOUT.field(FrameLayout.ID);

	@Override
	public void encode(Packet packet, ByteBuf out) {
		int start = out.writerIndex();
		LAYOUT.begin(out);
		TYPE.set(out, start, packet.type());
		ID.set(out, start, packet.id());
		out.writeCharSequence(packet.text(), StandardCharsets.UTF_8);
		LAYOUT.end(out, start);
	}

	@Override
	public @Nullable Packet decode(ByteBuf in) {
		int start = in.readerIndex();
		ByteBuf body = LAYOUT.next(in);
		return (body != null)
				? new Packet((int) TYPE.get(in, start), (int) ID.get(in, start), body.toString(StandardCharsets.UTF_8))
				: null;
	}

	@Override
	public Object requestId(Packet packet) {
		return packet.id();
	}

	@Override
	public Object responseId(Packet packet) {
		return packet.id();
	}

}
