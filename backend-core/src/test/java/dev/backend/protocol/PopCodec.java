package dev.backend.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.regex.Pattern;

import dev.backend.BackendService;
import dev.backend.codec.CodecException;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

class PopCodec implements MessageCodec<String> {

	private static final DelimiterFraming LINE = DelimiterFraming.crlfLine();

	private static final Pattern MANY_LINES = Pattern.compile("CAPA|LIST|UIDL|RETR \\d+|TOP \\d+ \\d+");

	private static final int MAX_CHARACTERS = 1024 * 1024;

	/** Whether the next replies may have many lines; the first one is the greeting. */
	private final Queue<Boolean> replies = new ArrayDeque<>(List.of(false));

	private final StringBuilder lines = new StringBuilder();

	@Override
	public MessageCodec<String> forConnection(BackendService service) {
		return new PopCodec();
	}

	@Override
	public void encode(String command, ByteBuf out) {
		int start = out.writerIndex();
		LINE.begin(out);
		out.writeCharSequence(command, StandardCharsets.ISO_8859_1);
		LINE.end(out, start);
		this.replies.add(MANY_LINES.matcher(command).matches());
	}

	@Override
	public @Nullable String decode(ByteBuf in) {
		ByteBuf line = LINE.next(in);
		return (line != null) ? reply(line.toString(StandardCharsets.ISO_8859_1)) : null;
	}

	private @Nullable String reply(String line) {
		if (this.lines.isEmpty()) {
			boolean many = this.replies.remove() && line.startsWith("+OK");
			this.lines.append(many ? line : "");
			return many ? null : line;
		}
		if (line.equals(".")) {
			String reply = this.lines.toString();
			this.lines.setLength(0);
			return reply;
		}
		this.lines.append('\n').append(line.startsWith(".") ? line.substring(1) : line);
		if (this.lines.length() > MAX_CHARACTERS) {
			throw new CodecException("reply of more than %d characters".formatted(MAX_CHARACTERS));
		}
		return null;
	}

	@Override
	public Correlation correlation() {
		return Correlation.IN_ORDER;
	}

}
