package dev.backend.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

import dev.backend.BackendService;
import dev.backend.codec.CodecException;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.Unanswered;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

class QuietCodec implements MessageCodec<String> {

	private static final DelimiterFraming LINE = DelimiterFraming.crlfLine();

	/** What was sent, and whose reply has not come. */
	private final Queue<String> commands = new ArrayDeque<>();

	@Override
	public MessageCodec<String> forConnection(BackendService service) {
		return new QuietCodec();
	}

	@Override
	public Correlation correlation() {
		return Correlation.IN_ORDER;
	}

	@Override
	public void encode(String command, ByteBuf out) {
		int start = out.writerIndex();
		LINE.begin(out);
		out.writeCharSequence(command, StandardCharsets.UTF_8);
		LINE.end(out, start);
		this.commands.add(command);
	}

	@Override
	public @Nullable String decode(ByteBuf in) {
		int start = in.readerIndex();
		ByteBuf line = LINE.next(in);
		if (line == null) {
			return null;
		}
		String reply = line.toString(StandardCharsets.UTF_8);
		if (reply.split(" ")[0].endsWith("ERROR")) {
			// Of a quiet command, perhaps; it does not say which.
			throw new CodecException(reply);
		}
		if (!reply.startsWith("VA ")) {
			return reply;
		}
		int length = Integer.parseInt(reply.split(" ")[1]);
		if (in.readableBytes() < length + 2) {
			in.readerIndex(start);
			return null;
		}
		String value = in.toString(in.readerIndex(), length, StandardCharsets.UTF_8);
		in.skipBytes(length + 2);
		return reply + "\n" + value;
	}

	@Override
	public void unanswered(String reply, Unanswered requests) {
		int leftOut = 0;
		while (!answers(reply, this.commands.remove())) {
			leftOut++;
		}
		requests.oldest(leftOut);
	}

	/** A quiet command is only answered by the value of its key, not by its absence. */
	private static boolean answers(String reply, String command) {
		List<String> words = List.of(command.split(" "));
		List<String> header = List.of(reply.lines().findFirst().orElse("").split(" "));
		return !words.contains("q") || (header.get(0).equals("VA") && header.contains("k" + words.get(1)));
	}

}
