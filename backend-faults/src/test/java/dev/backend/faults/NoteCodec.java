package dev.backend.faults;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

import dev.backend.codec.CodecException;
import dev.backend.codec.FramedCodec;
import dev.backend.codec.LengthFieldFraming;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A length of four bytes, an id of eight, a checksum of four and text. Without the
 * checksum, garbage in the middle of a text would be taken for text.
 */
final class NoteCodec extends FramedCodec<Note> {

	NoteCodec() {
		super(LengthFieldFraming.of(4));
	}

	@Override
	protected void encodeBody(Note message, ByteBuf out) {
		byte[] text = message.text().getBytes(StandardCharsets.UTF_8);
		out.writeLong(message.id());
		out.writeInt(checksum(text));
		out.writeBytes(text);
	}

	@Override
	protected Note decodeBody(ByteBuf body) {
		long id = body.readLong();
		int checksum = body.readInt();
		byte[] text = new byte[body.readableBytes()];
		body.readBytes(text);
		if (checksum(text) != checksum) {
			throw new CodecException("checksum: %08x (expected: %08x)".formatted(checksum(text), checksum));
		}
		return new Note(id, new String(text, StandardCharsets.UTF_8));
	}

	static int checksum(byte[] text) {
		CRC32C checksum = new CRC32C();
		checksum.update(text);
		return (int) checksum.getValue();
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
