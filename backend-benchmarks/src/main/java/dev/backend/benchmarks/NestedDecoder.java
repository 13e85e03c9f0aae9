package dev.backend.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.Framing;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Arrays and texts of the Redis protocol, read as the recipe in docs/codecs.md does: it
 * leaves the bytes, and keeps its place.
 */
final class NestedDecoder {

	private static final Framing LINE = DelimiterFraming.crlfLine();

	private final Deque<Level> levels = new ArrayDeque<>();

	private int place;

	private int textBytes = -1;

	@Nullable Object decode(ByteBuf in, int examined) {
		int start = in.readerIndex();
		in.skipBytes(this.place);
		Object message = null;
		int before;
		do {
			before = in.readerIndex();
			Object value = read(in, Math.max(0, examined - (before - start)));
			message = (value != null) ? add(value) : null;
		}
		while (message == null && in.readerIndex() > before);
		this.place = (message != null) ? 0 : before - start;
		in.readerIndex((message != null) ? in.readerIndex() : start);
		return message;
	}

	private @Nullable Object read(ByteBuf in, int examined) {
		if (this.textBytes >= 0) {
			return readText(in);
		}
		ByteBuf line = LINE.next(in, examined);
		if (line == null) {
			return null;
		}
		byte type = line.readByte();
		int size = Integer.parseInt(line.toString(StandardCharsets.US_ASCII));
		if (type == '*') {
			this.levels.add(new Level(size, new ArrayList<>()));
		}
		else {
			this.textBytes = size;
		}
		return null;
	}

	private @Nullable Object readText(ByteBuf in) {
		if (in.readableBytes() - 2 < this.textBytes) {
			return null;
		}
		String text = in.readString(this.textBytes, StandardCharsets.UTF_8);
		in.skipBytes(2);
		this.textBytes = -1;
		return text;
	}

	private @Nullable Object add(Object value) {
		Object item = value;
		while (!this.levels.isEmpty()) {
			Level level = this.levels.getLast();
			level.items.add(item);
			if (level.items.size() < level.size) {
				return null;
			}
			this.levels.removeLast();
			item = level.items;
		}
		return item;
	}

	private record Level(int size, List<Object> items) {
	}

}
