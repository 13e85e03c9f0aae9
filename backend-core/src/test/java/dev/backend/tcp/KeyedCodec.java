package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicInteger;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Texts are the key, a colon and a number. Orders by the key, and counts what was
 * decoded.
 */
final class KeyedCodec extends Frame.Codec {

	private final AtomicInteger decoded = new AtomicInteger();

	/** What stands before the colon. */
	static String keyOf(Frame frame) {
		return frame.text().substring(0, frame.text().indexOf(':'));
	}

	static int numberOf(Frame frame) {
		return Integer.parseInt(frame.text().substring(frame.text().indexOf(':') + 1));
	}

	/** How many pushed messages were decoded. */
	AtomicInteger decoded() {
		return this.decoded;
	}

	@Override
	public @Nullable Frame decode(ByteBuf in) throws Exception {
		Frame frame = super.decode(in);
		if (frame != null && frame.kind() == Frame.PUSH) {
			this.decoded.incrementAndGet();
		}
		return frame;
	}

	@Override
	public @Nullable Object orderKey(Frame message) {
		String key = keyOf(message);
		return switch (key) {
			case "bad" -> throw new IllegalStateException("no key");
			case "bad hash" -> new Object() {
				@Override
				public int hashCode() {
					throw new IllegalStateException("no hash");
				}
			};
			case "none" -> null;
			default -> key;
		};
	}

}
