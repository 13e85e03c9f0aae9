package dev.backend.tcp;

import java.util.Collection;
import java.util.List;

import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.logging.PlainText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * Sends one message to many services: encodes it once, and lets all of them share the
 * bytes; but for connections with a codec of their own, each of which encodes it itself.
 */
final class Broadcast {

	private Broadcast() {
	}

	/**
	 * Sends a message, encoded at once if a target shares the codec of the backend, which
	 * is not asked otherwise.
	 * @throws SendRejectedException if it cannot be encoded; no target got it
	 */
	static <M> BroadcastResult<M> toAll(TcpContext<M> context, Collection<TcpService<M>> services, M message) {
		List<TcpService<M>> targets = List.copyOf(services);
		boolean shared = targets.stream().anyMatch(TcpService::sharesCodec);
		return toAll(targets, shared ? encode(context, message) : message);
	}

	static <M> BroadcastResult<M> toAll(Collection<TcpService<M>> services, byte[] bytes) {
		return toAll(List.copyOf(services), new OutboundMessage.Encoded(bytes));
	}

	private static <M> BroadcastResult<M> toAll(List<TcpService<M>> targets, Object content) {
		SendResult[] results = new SendResult[targets.size()];
		for (int i = 0; i < results.length; i++) {
			results[i] = targets.get(i).trySendContent(content);
		}
		return new BroadcastResult<>(targets, results);
	}

	private static <M> OutboundMessage.Encoded encode(TcpContext<M> context, M message) {
		ByteBuf buffer = Unpooled.buffer(256);
		boolean reply;
		try {
			context.codec().encode(message, buffer);
			reply = context.inOrder() && context.codec().expectsReply(message);
		}
		catch (Throwable ex) {
			throw new SendRejectedException(SendResult.ENCODING_FAILED, "broadcast: %s: %s"
				.formatted(SendResult.ENCODING_FAILED.description(), PlainText.of(ex.toString())), ex);
		}
		MessageLogging logging = context.settings().logging();
		if (logging.enabled()) {
			MessageLogWriter.log(logging, context.codec(), context.failureLog().of("broadcast"), "broadcast", "sent",
					message);
		}
		return new OutboundMessage.Encoded(ByteBufUtil.getBytes(buffer), reply, message);
	}

}
