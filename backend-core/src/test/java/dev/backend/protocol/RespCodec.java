package dev.backend.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import dev.backend.BackendService;
import dev.backend.codec.CodecException;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.Framing;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

class RespCodec implements MessageCodec<Resp> {

	private static final Framing LINE = DelimiterFraming.crlfLine();

	private static final Set<String> CONFIRMATIONS = Set.of("subscribe", "unsubscribe", "psubscribe", "punsubscribe",
			"ssubscribe", "sunsubscribe");

	private static final int MAX_DEPTH = 64;

	/** The arrays that have begun, the innermost last. */
	private final Deque<Level> levels = new ArrayDeque<>();

	/** How many of the bytes that have arrived are in these arrays already. */
	private int place;

	/** What is expected of a text whose line has been read. */
	private @Nullable Text text;

	@Override
	public MessageCodec<Resp> forConnection(BackendService service) {
		return new RespCodec();
	}

	@Override
	public void encode(Resp command, ByteBuf out) {
		out.writeCharSequence("*" + command.items().size() + "\r\n", StandardCharsets.US_ASCII);
		for (Resp word : command.items()) {
			String text = Objects.requireNonNull(word.text());
			out.writeCharSequence("$" + ByteBufUtil.utf8Bytes(text) + "\r\n" + text + "\r\n", StandardCharsets.UTF_8);
		}
	}

	@Override
	public @Nullable Resp decode(ByteBuf in) {
		return decode(in, 0);
	}

	@Override
	public @Nullable Resp decode(ByteBuf in, int examined) {
		int start = in.readerIndex();
		in.skipBytes(this.place);
		Resp message = null;
		int before;
		do {
			before = in.readerIndex();
			Resp value = read(in, Math.max(0, examined - (before - start)));
			message = (value != null) ? add(value) : null;
		}
		while (message == null && in.readerIndex() > before);
		this.place = (message != null) ? 0 : before - start;
		in.readerIndex((message != null) ? in.readerIndex() : start);
		return message;
	}

	/** Reads a value, or just the line of an array or a text. */
	private @Nullable Resp read(ByteBuf in, int examined) {
		Text text = this.text;
		if (text != null) {
			return readText(in, text);
		}
		ByteBuf line = LINE.next(in, examined);
		if (line == null) {
			return null;
		}
		char type = (char) line.readByte();
		String value = line.toString(StandardCharsets.UTF_8);
		return switch (type) {
			case '+', '-', ':', ',', '(', '#', '_' -> new Resp(type, value, List.of());
			case '$', '=', '!' -> beginText(type, Integer.parseInt(value));
			case '*', '~', '>', '%', '|' -> beginArray(type, Integer.parseInt(value));
			default -> throw new CodecException("type: %s (expected: one of +-:,(#_$=!*~>%%|)".formatted(type));
		};
	}

	private @Nullable Resp beginText(char type, int bytes) {
		if (bytes < 0) {
			return new Resp(type, null, List.of());
		}
		this.text = new Text(type, bytes);
		return null;
	}

	private @Nullable Resp readText(ByteBuf in, Text text) {
		if (in.readableBytes() - 2 < text.bytes) {
			return null;
		}
		this.text = null;
		String value = in.readString(text.bytes, StandardCharsets.UTF_8);
		in.skipBytes(2);
		return new Resp(text.type, value, List.of());
	}

	private @Nullable Resp beginArray(char type, int size) {
		if (size <= 0) {
			return new Resp(type, null, List.of());
		}
		if (this.levels.size() == MAX_DEPTH) {
			throw new CodecException("arrays within arrays: more than %d".formatted(MAX_DEPTH));
		}
		boolean pairs = type == '%' || type == '|';
		this.levels.add(new Level(type, pairs ? 2L * size : size, new ArrayList<>()));
		return null;
	}

	/** Puts a value where it belongs; returns what is complete by it, if that is all. */
	private @Nullable Resp add(Resp value) {
		Resp item = value;
		while (item.type() != '|' && !this.levels.isEmpty()) {
			Level level = this.levels.getLast();
			level.items.add(item);
			if (level.items.size() < level.size) {
				return null;
			}
			this.levels.removeLast();
			item = new Resp(level.type, null, level.items);
		}
		// Attributes stand before a value, and nobody needs them.
		return (item.type() != '|') ? item : null;
	}

	@Override
	public Correlation correlation() {
		return Correlation.IN_ORDER;
	}

	@Override
	public boolean isPush(Resp message) {
		String kind = message.items().isEmpty() ? "" : String.valueOf(message.items().get(0).text());
		return (message.type() == '>') ? !CONFIRMATIONS.contains(kind) : kind.equals("message");
	}

	private record Level(char type, long size, List<Resp> items) {
	}

	private record Text(char type, int bytes) {
	}

}
