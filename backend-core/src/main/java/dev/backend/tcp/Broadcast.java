package dev.backend.tcp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * Sends one message to many services: encodes it once, and lets all of them share the
 * bytes.
 */
final class Broadcast {

	private Broadcast() {
	}

	static <M> OutboundMessage.Encoded encode(TcpContext<M> context, M message) {
		ByteBuf buffer = Unpooled.buffer(256);
		boolean reply;
		try {
			context.codec().encode(message, buffer);
			reply = context.expectsReply(message);
		}
		catch (Throwable ex) {
			throw new SendRejectedException(SendResult.ENCODING_FAILED,
					"broadcast: %s: %s".formatted(SendResult.ENCODING_FAILED.description(), ex), ex);
		}
		MessageLogging logging = context.settings().logging();
		if (logging.enabled()) {
			MessageLogWriter.log(logging, context.codec(), "broadcast", "sent", message);
		}
		return new OutboundMessage.Encoded(ByteBufUtil.getBytes(buffer), reply);
	}

	static <M> BroadcastResult<M> toAll(Collection<TcpService<M>> services, OutboundMessage.Encoded encoded) {
		List<TcpService<M>> targets = new ArrayList<>(services);
		SendResult[] results = new SendResult[targets.size()];
		for (int i = 0; i < results.length; i++) {
			results[i] = targets.get(i).trySendContent(encoded);
		}
		return new BroadcastResult<>(targets, results);
	}

}
