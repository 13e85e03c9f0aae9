package dev.backend.tcp;

import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.logging.PlainText;
import dev.backend.logging.ServiceLog;
import dev.backend.logging.StandIn;
import dev.backend.transport.PlainWords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Says what a codec could not decode: the service, why, and with which bytes it begins.
 */
final class DecodeFailure {

	private static final Logger logger = LoggerFactory.getLogger(DecodeFailure.class);

	/** How many bytes are shown. */
	private static final int SHOWN_BYTES = 32;

	private DecodeFailure() {
	}

	/**
	 * Makes the exception that a connection fails with.
	 * @param label the service
	 * @param codec the codec
	 * @param thrown what was thrown when it decoded
	 * @return the same if it is one of a codec; otherwise one that has it as its cause
	 */
	static CodecException of(String label, MessageCodec<?> codec, Throwable thrown) {
		return (thrown instanceof CodecException failure) ? failure : new CodecException("%s: %s failed to decode: %s"
			.formatted(label, StandIn.nameOf(codec, thrown), PlainText.of(thrown.toString())), thrown);
	}

	/**
	 * Logs it.
	 * @param log the log of the service name
	 * @param label the service
	 * @param failure what the connection fails with
	 * @param in what has arrived, or {@code null} if that is not there any more
	 * @param start where the message begins
	 */
	static void log(ServiceLog log, String label, CodecException failure, @Nullable ByteBuf in, int start) {
		String reason = PlainWords.describe(failure);
		Throwable cause = failure.getCause();
		log.threw(logger, Level.WARN, (cause != null) ? cause : failure, "{}{}; {}; the connection is closed",
				reason.startsWith(label) ? "" : label + ": ", reason, firstBytes(in, start));
	}

	private static String firstBytes(@Nullable ByteBuf in, int start) {
		if (in == null || in.refCnt() == 0 || start >= in.writerIndex()) {
			return "no bytes";
		}
		int bytes = in.writerIndex() - start;
		String hex = ByteBufUtil.hexDump(in, start, Math.min(bytes, SHOWN_BYTES));
		return (bytes > SHOWN_BYTES) ? "the first of %d bytes: %s…".formatted(bytes, hex)
				: "%d bytes: %s".formatted(bytes, hex);
	}

}
