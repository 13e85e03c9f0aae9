package dev.backend.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.backend.codec.CodecException;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.Framing;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

class RespCodec implements MessageCodec<Resp> {

	private static final Framing LINE = DelimiterFraming.crlfLine();

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
		int start = in.readerIndex();
		Resp value = read(in);
		in.readerIndex((value != null) ? in.readerIndex() : start);
		return value;
	}

	private static @Nullable Resp read(ByteBuf in) {
		ByteBuf line = LINE.next(in);
		if (line == null) {
			return null;
		}
		char type = (char) line.readByte();
		String text = line.toString(StandardCharsets.UTF_8);
		return switch (type) {
			case '+', '-', ':' -> new Resp(type, text, List.of());
			case '$' -> text.equals("-1") ? new Resp(type, null, List.of()) : bulk(in, Integer.parseInt(text));
			case '*' -> array(in, Integer.parseInt(text));
			default -> throw new CodecException("type: %s (expected: one of +-:$*)".formatted(type));
		};
	}

	private static @Nullable Resp bulk(ByteBuf in, int bytes) {
		if (in.readableBytes() < bytes + 2) {
			return null;
		}
		String text = in.readString(bytes + 2, StandardCharsets.UTF_8);
		return new Resp('$', text.substring(0, text.length() - 2), List.of());
	}

	private static @Nullable Resp array(ByteBuf in, int size) {
		List<Resp> items = new ArrayList<>();
		while (items.size() < size) {
			Resp item = read(in);
			if (item == null) {
				return null;
			}
			items.add(item);
		}
		return new Resp('*', null, items);
	}

	@Override
	public Correlation correlation() {
		return Correlation.IN_ORDER;
	}

	@Override
	public boolean isPush(Resp message) {
		return !message.items().isEmpty() && "message".equals(message.items().get(0).text());
	}

}
