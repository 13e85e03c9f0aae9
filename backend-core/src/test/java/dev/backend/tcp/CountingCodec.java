package dev.backend.tcp;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Each connection has a codec of its own, which numbers what it encodes and decodes: text
 * is sent as {@code text#1}, and what arrives is seen as {@code text@1}. Instances whose
 * id begins with {@code shared} have the codec itself, which sends {@code text#shared}.
 * What begins with {@code bad} cannot be encoded by either, as is found half way.
 */
class CountingCodec extends Frame.Codec {

	final List<Own> made = new CopyOnWriteArrayList<>();

	@Override
	public MessageCodec<Frame> forConnection(BackendService service) throws Exception {
		if (service.id().startsWith("shared")) {
			return this;
		}
		Own own = new Own(service);
		this.made.add(own);
		return own;
	}

	@Override
	public void encode(Frame message, ByteBuf out) throws Exception {
		Frame.write(appended(message, "#shared"), out);
		refuse(message);
	}

	private static Frame appended(Frame frame, String suffix) {
		return new Frame(frame.kind(), frame.id(), frame.text() + suffix);
	}

	private static void refuse(Frame message) {
		if (message.text().startsWith("bad")) {
			throw new IllegalArgumentException("on purpose");
		}
	}

	/** The codec of one connection. */
	static class Own extends Frame.Codec {

		final BackendService service;

		/** Comes behind the number; set by a login. */
		volatile String seal = "";

		private int encoded;

		private int decoded;

		Own(BackendService service) {
			this.service = service;
		}

		@Override
		public void encode(Frame message, ByteBuf out) throws Exception {
			Frame.write(appended(message, "#" + ++this.encoded + this.seal), out);
			refuse(message);
		}

		@Override
		public @Nullable Frame decode(ByteBuf in) throws Exception {
			Frame frame = super.decode(in);
			return (frame != null) ? appended(frame, "@" + ++this.decoded) : null;
		}

	}

}
