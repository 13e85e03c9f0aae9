package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.logging.PlainText;
import dev.backend.logging.ServiceLog;
import dev.backend.logging.StandIn;
import dev.backend.settings.DurationText;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Makes bytes of what callers queued for a {@link Link}, and requests pending; or rejects
 * them. Event loop only.
 *
 * <p>
 * One message that cannot be encoded is no matter of the others, unless the codec has
 * state of this connection: then nothing after it could be read, and this is
 * {@linkplain #broken() broken}. A batch is encoded as a whole or not at all.
 *
 * @param <M> the type of the messages
 */
final class MessageEncoder<M> {

	private static final Logger logger = LoggerFactory.getLogger(MessageEncoder.class);

	private final Link<M> link;

	private final TcpContext<M> context;

	private final MessageCodec<M> codec;

	private final PendingRequests<M> pending;

	private final WrittenRequests<M> written = new WrittenRequests<>(this::endedByCaller);

	private @Nullable SendRejectedException broken;

	private int encodedMessages;

	MessageEncoder(Link<M> link, TcpContext<M> context, PendingRequests<M> pending) {
		this.link = link;
		this.context = context;
		this.codec = link.codec();
		this.pending = pending;
	}

	private TcpCounters counters() {
		return this.link.owner().counters();
	}

	/** Why the codec of this connection cannot go on, if so. */
	@Nullable SendRejectedException broken() {
		return this.broken;
	}

	/** How many messages were encoded since the last call. */
	int takeEncodedMessages() {
		int encoded = this.encodedMessages;
		this.encodedMessages = 0;
		return encoded;
	}

	/** Gives up what callers have ended while it was written. */
	void settle() {
		this.written.settle();
	}

	/**
	 * Appends the bytes of something, if there are any. Whatever it throws is no matter
	 * of those behind it.
	 * @param outbound a message, a request or a batch
	 * @param out what to append to
	 * @param now the present time
	 */
	void encode(Outbound<M> outbound, ByteBuf out, long now) {
		int start = out.writerIndex();
		try {
			encodeAny(outbound, out, now);
		}
		catch (Throwable ex) {
			// From methods of its request id.
			out.writerIndex(start);
			reject(outbound, encodingFailed(ex));
		}
	}

	private void encodeAny(Outbound<M> outbound, ByteBuf out, long now) {
		if (outbound instanceof RequestFuture<M> request) {
			encodeRequest(request, out, now);
			return;
		}
		if (!(outbound instanceof OutboundMessage<M> oneWay)) {
			encodeBatch((OutboundBatch<M>) outbound, out, now);
			return;
		}
		SendRejectedException rejection = (oneWay.content() instanceof OutboundMessage.Encoded encoded)
				? append(encoded, out) : encodeOneWay(oneWay, out);
		if (rejection != null) {
			reject(oneWay, rejection);
		}
		else {
			oneWay.encoded();
		}
	}

	private void encodeBatch(OutboundBatch<M> batch, ByteBuf out, long now) {
		if (batch.ended()) {
			return;
		}
		if (batch.cancelled() || batch.untilDeadline(now) <= 0) {
			giveUp(batch, now);
			return;
		}
		int start = out.writerIndex();
		SendRejectedException rejection = new BatchEncoding<>(this, batch, this.context, this.codec, this.pending, now)
			.encode(out);
		if (rejection != null) {
			out.writerIndex(start);
			reject(batch, rejection);
			return;
		}
		for (Outbound<M> part : batch.parts()) {
			countWritten(BatchEncoding.message(part));
			if (part instanceof RequestFuture<M> request) {
				written(request);
				this.link.expireAt(request.deadline());
			}
		}
	}

	/** Nothing of a batch is written that has a request less. */
	void giveUp(OutboundBatch<M> batch, long now) {
		String label = this.link.label();
		boolean timedOut = batch.untilDeadline(now) <= 0;
		counters().dropped.add(batch.end((request) -> {
			if (!timedOut) {
				request.fail(new CancellationException(label + ": another request of the same batch was cancelled"));
			}
			else if (!request.isDone() && request.fail(new RequestTimeoutException(
					label + ": the deadline of a request of the same batch came before it could be written", false))) {
				counters().timeouts.increment();
			}
		}));
	}

	private void reject(Outbound<M> outbound, SendRejectedException rejection) {
		if (outbound instanceof OutboundBatch<M> batch) {
			counters().rejected.add(batch.end((request) -> reject(request, rejection)));
			if (batch.requests().isEmpty()) {
				dropped(rejection);
			}
		}
		else if (outbound instanceof RequestFuture<M> request) {
			if (request.fail(rejection)) {
				counters().rejected.increment();
			}
		}
		else if (outbound instanceof OutboundHeartbeat<M> heartbeat) {
			heartbeat.rejected(rejection, rejection == this.broken);
		}
		else {
			counters().rejected.increment();
			dropped(rejection);
		}
	}

	private void dropped(SendRejectedException rejection) {
		ServiceLog log = this.link.owner().log();
		Throwable cause = rejection.getCause();
		if (cause != null) {
			log.threw(logger, Level.WARN, cause, "A message was dropped: {}", rejection.getMessage());
		}
		else {
			log.failed(logger, Level.WARN, "A message was dropped: {}", rejection.getMessage());
		}
	}

	private @Nullable SendRejectedException append(OutboundMessage.Encoded encoded, ByteBuf out) {
		SendRejectedException rejection = encoded.reply() ? rejectIfTooManyPending() : null;
		if (rejection == null) {
			out.writeBytes(encoded.bytes());
			this.encodedMessages++;
			if (encoded.reply()) {
				this.pending.addUnawaited();
			}
		}
		return rejection;
	}

	private @Nullable SendRejectedException encodeOneWay(OutboundMessage<M> oneWay, ByteBuf out) {
		M message = oneWay.message();
		boolean reply;
		try {
			reply = this.context.inOrder() && this.codec.expectsReply(message);
		}
		catch (Throwable ex) {
			return encodingFailed(ex);
		}
		SendRejectedException rejection = reply ? rejectIfTooManyPending() : null;
		if (rejection == null) {
			rejection = encodeMessage(oneWay, message, out);
			if (rejection == null && reply) {
				this.pending.addUnawaited();
			}
		}
		return rejection;
	}

	private void encodeRequest(RequestFuture<M> request, ByteBuf out, long now) {
		if (request.isDone()) {
			return;
		}
		if (request.deadline() - now <= 0) {
			this.link.timeOut(request, false);
			return;
		}
		SendRejectedException rejection = admit(request, now);
		if (rejection == null) {
			rejection = encodeMessage(request, request.message(), out);
			if (rejection == null) {
				written(request);
				this.link.expireAt(request.deadline());
				return;
			}
			this.pending.release(request);
		}
		reject(request, rejection);
	}

	private void written(RequestFuture<M> request) {
		request.written(this.link);
		this.written.add(request);
	}

	/**
	 * Gives up a request that was written, or lets go of it if no reply will come.
	 * @param request the request, which has ended
	 */
	void endedByCaller(RequestFuture<M> request) {
		if (request.endedWithoutReply()) {
			this.pending.release(request);
		}
		else {
			this.pending.giveUp(request, System.nanoTime(), this.context.settings());
		}
	}

	private @Nullable SendRejectedException admit(RequestFuture<M> request, long now) {
		SendRejectedException rejection = rejectIfTooManyPending();
		return (rejection != null) ? rejection : addPending(request, now);
	}

	/** Takes the id of a request, or gives it one. */
	@Nullable SendRejectedException addPending(RequestFuture<M> request, long now) {
		int bits = this.context.idBits();
		if (bits > 0) {
			return this.pending.addWithNewId(request, bits, now) ? null : noIdLeft(bits);
		}
		return this.pending.add(request, now) ? null : duplicate(request, this.pending.quarantined(request, now));
	}

	private SendRejectedException noIdLeft(int bits) {
		return reject(SendResult.TOO_MANY_PENDING,
				"all %d ids of %d bits are taken, by %d pending requests and %d ids in quarantine; shorten %s"
					.formatted(this.pending.size() + this.pending.quarantined(), bits, this.pending.size(),
							this.pending.quarantined(), "backend.tcp.id-quarantine"),
				null);
	}

	private SendRejectedException duplicate(RequestFuture<M> request, long quarantined) {
		Object objectId = request.objectId();
		String id = String.valueOf((objectId != null) ? objectId : request.number());
		return reject(SendResult.DUPLICATE_REQUEST_ID, (quarantined == 0) ? id
				: "%s is in quarantine for %s more, because the reply to a request that was given up may still come (backend.tcp.id-quarantine)"
					.formatted(id, DurationText.of(Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(quarantined) + 1))),
				null);
	}

	private @Nullable SendRejectedException rejectIfTooManyPending() {
		int bound = this.context.settings().limits().pendingRequests();
		if (this.pending.size() < bound) {
			return null;
		}
		return reject(SendResult.TOO_MANY_PENDING,
				"%d (expected: below %d, backend.tcp.limits.pending-requests)".formatted(this.pending.size(), bound),
				null);
	}

	private @Nullable SendRejectedException encodeMessage(Outbound<M> outbound, M message, ByteBuf out) {
		SendRejectedException rejection = encodeOnly(outbound, message, out);
		if (rejection == null) {
			countWritten(message);
		}
		return rejection;
	}

	/** Appends a message that is not written for sure yet. */
	@Nullable SendRejectedException encodeOnly(Outbound<M> outbound, M message, ByteBuf out) {
		int start = out.writerIndex();
		try {
			if (this.context.idBits() > 0 && outbound instanceof RequestFuture<M> request) {
				this.codec.encode(message, request.number(), out);
			}
			else {
				this.codec.encode(message, out);
			}
		}
		catch (Throwable ex) {
			out.writerIndex(start);
			return broken(encodingFailed(ex));
		}
		int length = out.writerIndex() - start;
		int bound = this.context.settings().limits().frameBytes();
		if (length > bound) {
			out.writerIndex(start);
			return broken(reject(SendResult.FRAME_TOO_LARGE,
					"%d bytes (expected: at most %d, backend.tcp.limits.frame-bytes)".formatted(length, bound), null));
		}
		return null;
	}

	private void countWritten(M message) {
		this.encodedMessages++;
		MessageLogging logging = this.context.settings().logging();
		if (logging.enabled()) {
			MessageLogWriter.log(logging, this.context.codec(), this.link.owner().log(), this.link.label(), "sent",
					message);
		}
	}

	/** A codec that has seen what the peer will not is of no use any more. */
	SendRejectedException broken(SendRejectedException rejection) {
		if (this.link.ownsCodec()) {
			this.broken = rejection;
		}
		return rejection;
	}

	SendRejectedException encodingFailed(Throwable ex) {
		counters().codecErrors.increment();
		return reject(SendResult.ENCODING_FAILED, PlainText.of(ex.toString()),
				new CodecException("%s failed to encode a message".formatted(StandIn.nameOf(this.codec, ex)), ex));
	}

	SendRejectedException reject(SendResult reason, String value, @Nullable Throwable cause) {
		return new SendRejectedException(reason, "%s: %s: %s".formatted(this.link.label(), reason.description(), value),
				cause);
	}

}
