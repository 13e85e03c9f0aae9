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

	static <M> OutboundMessage.Encoded encode(TcpRuntime<M> runtime, M message) {
		ByteBuf buffer = Unpooled.buffer(256);
		try {
			runtime.codec().encode(message, buffer);
		}
		catch (Exception ex) {
			throw new SendRejectedException(SendResult.ENCODING_FAILED,
					"broadcast: %s: %s".formatted(SendResult.ENCODING_FAILED.description(), ex), ex);
		}
		return new OutboundMessage.Encoded(ByteBufUtil.getBytes(buffer));
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
