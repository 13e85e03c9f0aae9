package dev.backend.faults;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.FramedCodec;
import dev.backend.codec.LengthFieldFraming;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A length of four bytes, an id of eight and text.
 */
final class NoteCodec extends FramedCodec<Note> {

	NoteCodec() {
		super(LengthFieldFraming.of(4));
	}

	@Override
	protected void encodeBody(Note message, ByteBuf out) {
		out.writeLong(message.id());
		out.writeCharSequence(message.text(), StandardCharsets.UTF_8);
	}

	@Override
	protected Note decodeBody(ByteBuf body) {
		return new Note(body.readLong(), body.toString(StandardCharsets.UTF_8));
	}

	@Override
	public @Nullable Object requestId(Note message) {
		return (message.id() != 0) ? message.id() : null;
	}

	@Override
	public @Nullable Object responseId(Note message) {
		return (message.id() != 0) ? message.id() : null;
	}

	@Override
	public Note heartbeat() {
		return Note.push(NotePeer.PING);
	}

}
