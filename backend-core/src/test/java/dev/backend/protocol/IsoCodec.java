package dev.backend.protocol;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.FieldFormat;
import dev.backend.codec.FrameField;
import dev.backend.codec.FrameLayout;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

class IsoCodec implements MessageCodec<Iso> {

	static final FrameLayout LAYOUT = FrameLayout.builder()
		.length(2)
		.type(FieldFormat.decimal(4))
		.field("bitmap", 8)
		.body()
		.build();

	private static final FrameField TYPE = LAYOUT.field(FrameLayout.TYPE);

	private static final FrameField BITMAP = LAYOUT.field("bitmap");

	@Override
	public void encode(Iso message, ByteBuf out) {
		int start = out.writerIndex();
		LAYOUT.begin(out);
		TYPE.set(out, start, message.type());
		BITMAP.set(out, start, message.bitmap());
		out.writeCharSequence(message.data(), StandardCharsets.US_ASCII);
		LAYOUT.end(out, start);
	}

	@Override
	public @Nullable Iso decode(ByteBuf in) {
		int start = in.readerIndex();
		ByteBuf body = LAYOUT.next(in);
		return (body != null)
				? new Iso((int) TYPE.get(in, start), BITMAP.get(in, start), body.toString(StandardCharsets.US_ASCII))
				: null;
	}

	@Override
	public Object requestId(Iso message) {
		return stan(message);
	}

	@Override
	public Object responseId(Iso message) {
		return stan(message);
	}

	/** The system trace audit number, element 11: six digits behind element 7, of ten. */
	private static Object stan(Iso message) {
		return message.data().substring(10, 16);
	}

}
