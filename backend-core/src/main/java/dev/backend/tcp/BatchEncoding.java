package dev.backend.tcp;

import java.util.List;

import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one batch, or nothing of it. Event loop only.
 *
 * <p>
 * What can be refused without the codec is looked at first: a codec with state of this
 * connection must not see what the peer will not. Ids are taken before, places among
 * replies that come in order after all is encoded. So there is nothing to take back but
 * ids and bytes.
 *
 * @param <M> the type of the messages
 */
final class BatchEncoding<M> {

	private final MessageEncoder<M> encoder;

	private final OutboundBatch<M> batch;

	private final List<Outbound<M>> parts;

	private final TcpContext<M> context;

	private final MessageCodec<M> codec;

	private final PendingRequests<M> pending;

	private final long now;

	/** By part; whether a reply takes a place, awaited or not. */
	private final boolean[] replies;

	BatchEncoding(MessageEncoder<M> encoder, OutboundBatch<M> batch, TcpContext<M> context, MessageCodec<M> codec,
			PendingRequests<M> pending, long now) {
		this.encoder = encoder;
		this.batch = batch;
		this.parts = batch.parts();
		this.context = context;
		this.codec = codec;
		this.pending = pending;
		this.now = now;
		this.replies = new boolean[this.parts.size()];
	}

	/**
	 * Appends all messages.
	 * @param out what to append to
	 * @return why nothing is to be written, and nothing is pending; {@code null} if all
	 * is
	 */
	@Nullable SendRejectedException encode(ByteBuf out) {
		SendRejectedException rejection = countReplies();
		if (rejection != null) {
			return rejection;
		}
		if (!this.context.inOrder()) {
			return encodeById(out);
		}
		rejection = encodeAll(out);
		if (rejection == null) {
			takePlaces();
		}
		return rejection;
	}

	private @Nullable SendRejectedException countReplies() {
		int count = 0;
		for (int i = 0; i < this.replies.length; i++) {
			try {
				this.replies[i] = hasReply(this.parts.get(i));
			}
			catch (Throwable ex) {
				return ofPart(i, this.encoder.encodingFailed(ex));
			}
			if (this.replies[i]) {
				count++;
			}
		}
		int bound = this.context.settings().limits().pendingRequests();
		if (count == 0 || this.pending.size() + count <= bound) {
			return null;
		}
		return this.encoder.reject(SendResult.TOO_MANY_PENDING,
				"%d and %d of a batch (expected: at most %d, backend.tcp.limits.pending-requests)"
					.formatted(this.pending.size(), count, bound),
				null);
	}

	private boolean hasReply(Outbound<M> part) {
		return !(part instanceof OutboundMessage<M> oneWay)
				|| (this.context.inOrder() && this.codec.expectsReply(oneWay.message()));
	}

	private @Nullable SendRejectedException encodeById(ByteBuf out) {
		List<RequestFuture<M>> requests = this.batch.requests();
		int added = 0;
		boolean encoded = false;
		try {
			for (RequestFuture<M> request : requests) {
				SendRejectedException rejection = this.encoder.addPending(request, this.now);
				if (rejection != null) {
					return ofPart(this.parts.indexOf(request), rejection);
				}
				added++;
			}
			SendRejectedException rejection = encodeAll(out);
			encoded = rejection == null;
			return rejection;
		}
		finally {
			while (!encoded && added > 0) {
				added--;
				this.pending.release(requests.get(added));
			}
		}
	}

	private @Nullable SendRejectedException encodeAll(ByteBuf out) {
		int start = out.writerIndex();
		int bound = this.context.settings().limits().frameBytes();
		for (int i = 0; i < this.replies.length; i++) {
			SendRejectedException rejection = this.encoder.encodeOnly(this.parts.get(i), message(i), out);
			if (rejection != null) {
				return ofPart(i, rejection);
			}
			int bytes = out.writerIndex() - start;
			if (bytes > bound) {
				return this.encoder.broken(this.encoder.reject(SendResult.BATCH_TOO_LARGE,
						"%d bytes up to message %d of %d (expected: at most %d, backend.tcp.limits.frame-bytes)"
							.formatted(bytes, i + 1, this.replies.length, bound),
						null));
			}
		}
		return null;
	}

	private void takePlaces() {
		for (int i = 0; i < this.replies.length; i++) {
			if (this.parts.get(i) instanceof RequestFuture<M> request) {
				this.pending.add(request, this.now);
			}
			else if (this.replies[i]) {
				this.pending.addUnawaited();
			}
		}
	}

	private M message(int index) {
		return message(this.parts.get(index));
	}

	/** The message of a part. */
	static <M> M message(Outbound<M> part) {
		return (part instanceof RequestFuture<M> request) ? request.message() : ((OutboundMessage<M>) part).message();
	}

	private SendRejectedException ofPart(int index, SendRejectedException rejection) {
		return new SendRejectedException(rejection.reason(), "%s (message %d of the %d of a batch, none is written)"
			.formatted(rejection.getMessage(), index + 1, this.replies.length), rejection.getCause());
	}

}
