package dev.backend.tcp;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.backend.ConnectionLostException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.logging.PlainText;
import dev.backend.logging.ServiceLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The outbound half of a {@link Link}: encodes what callers queued. Event loop only.
 *
 * <p>
 * Each run takes the whole queue and encodes it into one buffer, writes that whenever it
 * has reached {@value #CHUNK_BYTES} bytes or would make the channel not writable, and
 * flushes once at the end. While the channel is not writable nothing is encoded; what was
 * taken by then is held as backlog, where its deadlines are watched, and counts against
 * the bound of the queue. So it is while the {@link ByteBudget} allows no more; then what
 * the system takes makes it go on.
 *
 * <p>
 * Whatever is thrown while a burst is written closes the connection, with which the
 * requests of that burst fail: the bytes of some of them may be gone. One message that
 * cannot be encoded is no matter of the others, unless the codec has state of this
 * connection: then nothing after it could be read. What stood before it is written, and
 * the connection is closed. A batch is one node of the queue: it is in one buffer as a
 * whole, or not at all.
 *
 * @param <M> the type of the messages
 */
final class OutboundWriter<M> implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(OutboundWriter.class);

	private static final int CHUNK_BYTES = 64 * 1024;

	private static final int MINIMUM_BUFFER_BYTES = 256;

	private final Link<M> link;

	private final TcpContext<M> context;

	private final PendingRequests<M> pending;

	private final OutboundQueue<M> queue;

	/** What the present burst has yet to write. */
	private @Nullable Outbound<M> rest;

	private @Nullable Outbound<M> oldest;

	private @Nullable Outbound<M> youngest;

	/** The held request whose deadline comes first, or came before it ended. */
	private @Nullable RequestFuture<M> soonest;

	/** Made for the first request: most connections of a large fleet are idle. */
	private @Nullable WrittenRequests<M> written;

	private int backlog;

	private int expectedBytes = MINIMUM_BUFFER_BYTES;

	private boolean running;

	private boolean closed;

	private boolean finishing;

	/** Why the codec of this connection cannot go on. */
	private @Nullable SendRejectedException broken;

	private int burstMessages;

	private int burstBytes;

	/** Encoded and not taken by the system, where the bytes of all are bounded. */
	private volatile int heldBytes;

	OutboundWriter(Link<M> link, OutboundQueue<M> queue, TcpContext<M> context, PendingRequests<M> pending) {
		this.link = link;
		this.queue = queue;
		this.context = context;
		this.pending = pending;
	}

	private MessageCodec<M> codec() {
		return this.link.codec();
	}

	private TcpCounters counters() {
		return this.link.owner().counters();
	}

	boolean isEmpty() {
		return this.oldest == null && (this.finishing || this.queue.isEmpty());
	}

	/** Writes what is queued, as far as the channel takes it. */
	@Override
	public void run() {
		if (this.running || this.closed) {
			return;
		}
		this.running = true;
		try {
			write();
		}
		catch (Throwable ex) {
			this.link.fail(new ConnectionLostException(
					"%s: a burst of messages could not be written: %s".formatted(this.link.label(), ex), true, ex));
		}
		finally {
			this.running = false;
		}
		if (this.closed) {
			return;
		}
		if (this.finishing && isEmpty()) {
			this.closed = true;
			this.link.written();
			return;
		}
		if (!isEmpty() && takesMore()) {
			// What completed futures have sent meanwhile, or what is held although the
			// flush made the channel writable again: that event came while this ran.
			// Others get their turn first.
			this.link.channel().eventLoop().execute(this);
		}
		this.link.wrote();
	}

	private void write() {
		Outbound<M> taken = this.queue.takeAll();
		if (this.oldest != null || !takesMore()) {
			hold(taken);
			taken = release();
		}
		if (taken == null) {
			return;
		}
		this.burstMessages = 0;
		this.burstBytes = 0;
		this.rest = taken;
		try {
			writeAll(System.nanoTime());
		}
		finally {
			if (this.written != null) {
				this.written.settle();
			}
			Outbound<M> rest = this.rest;
			this.rest = null;
			hold(rest);
		}
		if (this.broken != null && !this.closed) {
			// What stood before is written yet.
			this.link.close(this.broken);
			drop(takeHeld(), this.link::loseUnwritten);
		}
	}

	private void writeAll(long now) {
		while (this.rest != null && this.broken == null && takesMore()) {
			writeChunk(now);
		}
		if (this.burstBytes > 0) {
			this.link.channel().flush();
			this.link.liveness().spoken();
			this.expectedBytes = Math.max(MINIMUM_BUFFER_BYTES, Math.min(CHUNK_BYTES, this.burstBytes));
			counters().sentMessages.add(this.burstMessages);
			counters().sentBytes.add(this.burstBytes);
			this.link.owner().sent(this.burstBytes);
		}
	}

	private void writeChunk(long now) {
		ByteBuf out = this.link.channel().alloc().directBuffer(this.expectedBytes + (this.expectedBytes >> 2));
		int bytes;
		try {
			encodeChunk(out, now);
			bytes = out.readableBytes();
			out = fitted(out);
		}
		catch (Throwable ex) {
			out.release();
			throw ex;
		}
		if (bytes > 0) {
			this.burstBytes += bytes;
			this.link.channel()
				.write(out, this.context.budget().bounded() ? held(bytes) : this.link.channel().voidPromise());
		}
		else {
			out.release();
		}
	}

	/** Whether what is encoded now can be written, and may be held. */
	private boolean takesMore() {
		return this.link.channel().isWritable() && !this.context.budget().refuses(this.heldBytes);
	}

	int heldBytes() {
		return this.heldBytes;
	}

	/** Returns what tells when these bytes are taken by the system, or are gone. */
	private ChannelPromise held(int bytes) {
		this.heldBytes += bytes;
		this.context.budget().add(bytes);
		return this.link.channel().newPromise().addListener((taken) -> {
			releaseBytes(bytes);
			Throwable failure = taken.cause();
			if (failure != null && this.link.channel().isRegistered()) {
				// As the void promise does.
				this.link.channel().pipeline().fireExceptionCaught(failure);
			}
			else if (this.oldest != null && !this.closed) {
				this.link.channel().eventLoop().execute(this);
			}
		});
	}

	private void releaseBytes(int bytes) {
		int released = Math.min(bytes, this.heldBytes);
		this.heldBytes -= released;
		this.context.budget().add(-released);
	}

	/** The channel is closed: no bytes are held, whatever becomes of their promises. */
	void releaseBytes() {
		releaseBytes(Integer.MAX_VALUE);
	}

	private void encodeChunk(ByteBuf out, long now) {
		// At least one message, or nothing would ever change.
		long limit = Math.min(CHUNK_BYTES, this.link.channel().bytesBeforeUnwritable());
		if (this.context.budget().bounded()) {
			limit = Math.min(limit, this.context.budget().left(this.heldBytes));
		}
		limit = Math.max(1, limit);
		Outbound<M> outbound = this.rest;
		while (outbound != null && this.broken == null && out.readableBytes() < limit) {
			Outbound<M> next = outbound.next();
			this.rest = next;
			outbound.next(null);
			encodeSafely(outbound, out, now);
			outbound = next;
		}
	}

	/**
	 * A buffer that has grown for a large message is up to twice its size. Where it will
	 * wait behind others, it is exchanged for one that fits, so that the bound of bytes
	 * is one of memory.
	 */
	private ByteBuf fitted(ByteBuf out) {
		int bytes = out.readableBytes();
		boolean fits = out.capacity() <= 2 * CHUNK_BYTES || out.capacity() - bytes <= out.capacity() >> 4;
		if (fits || !othersWait()) {
			return out;
		}
		ByteBuf fitting = this.link.channel().alloc().directBuffer(bytes, bytes).writeBytes(out);
		out.release();
		return fitting;
	}

	private boolean othersWait() {
		ChannelOutboundBuffer waiting = this.link.channel().unsafe().outboundBuffer();
		return waiting != null && waiting.totalPendingWriteBytes() > 0;
	}

	/** Whatever one message throws is no matter of those behind it. */
	private void encodeSafely(Outbound<M> outbound, ByteBuf out, long now) {
		int start = out.writerIndex();
		try {
			encode(outbound, out, now);
		}
		catch (Throwable ex) {
			// From methods of its request id.
			out.writerIndex(start);
			reject(outbound, encodingFailed(ex));
		}
	}

	private void encode(Outbound<M> outbound, ByteBuf out, long now) {
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
		SendRejectedException rejection = new BatchEncoding<>(this, batch, this.context, codec(), this.pending, now)
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
	private void giveUp(OutboundBatch<M> batch, long now) {
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
			this.burstMessages++;
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
			reply = this.context.inOrder() && codec().expectsReply(message);
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
			this.pending.removeLast(request);
		}
		reject(request, rejection);
	}

	private void written(RequestFuture<M> request) {
		request.written(this.link);
		WrittenRequests<M> written = this.written;
		if (written == null) {
			written = new WrittenRequests<>(this::endedByCaller);
			this.written = written;
		}
		written.add(request);
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
				: "%s is in quarantine for %d ms more, because the reply to a request that was given up may still come (backend.tcp.id-quarantine)"
					.formatted(id, TimeUnit.NANOSECONDS.toMillis(quarantined) + 1),
				null);
	}

	private @Nullable SendRejectedException rejectIfTooManyPending() {
		int bound = this.context.settings().limits().pendingRequests();
		if (this.pending.size() < bound) {
			return null;
		}
		return reject(SendResult.TOO_MANY_PENDING, "%d (expected: below %d)".formatted(this.pending.size(), bound),
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
				codec().encode(message, request.number(), out);
			}
			else {
				codec().encode(message, out);
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
			return broken(reject(SendResult.FRAME_TOO_LARGE, "%d bytes (expected: at most %d)".formatted(length, bound),
					null));
		}
		return null;
	}

	private void countWritten(M message) {
		this.burstMessages++;
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
				new CodecException("%s failed to encode a message".formatted(codec().getClass().getName()), ex));
	}

	SendRejectedException reject(SendResult reason, String value, @Nullable Throwable cause) {
		return new SendRejectedException(reason, "%s: %s: %s".formatted(this.link.label(), reason.description(), value),
				cause);
	}

	/**
	 * Fails the held requests whose deadline has come.
	 * @param now the present time
	 * @param expired completes the request
	 * @return the nanoseconds until the next deadline
	 */
	long expire(long now, Consumer<RequestFuture<M>> expired) {
		RequestFuture<M> soonest = this.soonest;
		if (soonest != null && soonest.deadline() - now <= 0) {
			this.soonest = null;
			for (Outbound<M> outbound = this.oldest; outbound != null; outbound = outbound.next()) {
				if (outbound instanceof RequestFuture<M> request && !request.isDone()) {
					if (request.deadline() - now <= 0) {
						expired.accept(request);
					}
					else {
						watch(request);
					}
				}
				else if (outbound instanceof OutboundBatch<M> batch && !batch.ended()) {
					if (batch.untilDeadline(now) <= 0) {
						giveUp(batch, now);
					}
					else {
						batch.requests().forEach(this::watch);
					}
				}
			}
			soonest = this.soonest;
		}
		return (soonest != null) ? soonest.deadline() - now : Long.MAX_VALUE;
	}

	private void watch(RequestFuture<M> request) {
		RequestFuture<M> soonest = this.soonest;
		if (soonest == null || request.deadline() - soonest.deadline() < 0) {
			this.soonest = request;
		}
	}

	/**
	 * Accepts nothing more, and tells the link when what was accepted is written.
	 * @param unwritten takes every request that was waiting: its reply would come too
	 * late, and with it the rest of its batch
	 */
	void finish(Consumer<RequestFuture<M>> unwritten) {
		this.finishing = true;
		hold(this.queue.close());
		Outbound<M> held = this.oldest;
		this.oldest = null;
		this.youngest = null;
		this.soonest = null;
		this.backlog = 0;
		while (held != null) {
			Outbound<M> next = held.next();
			held.next(null);
			if (held instanceof RequestFuture<M> request) {
				unwritten.accept(request);
			}
			else if (held instanceof OutboundBatch<M> batch && !batch.requests().isEmpty()) {
				counters().dropped.add(batch.end(unwritten));
			}
			else {
				hold(held);
			}
			held = next;
		}
	}

	/**
	 * Ends this writer; nothing more is written or accepted.
	 * @param unwritten takes every request that was waiting
	 */
	void close(Consumer<RequestFuture<M>> unwritten) {
		this.closed = true;
		Outbound<M> held = release();
		drop(held, unwritten);
		drop(this.queue.close(), unwritten);
	}

	private void drop(@Nullable Outbound<M> first, Consumer<RequestFuture<M>> unwritten) {
		Outbound<M> outbound = first;
		while (outbound != null) {
			Outbound<M> next = outbound.next();
			outbound.next(null);
			if (outbound instanceof RequestFuture<M> request) {
				unwritten.accept(request);
			}
			else if (outbound instanceof OutboundBatch<M> batch) {
				counters().dropped.add(batch.end(unwritten));
			}
			else if (!(outbound instanceof OutboundHeartbeat)) {
				counters().dropped.increment();
			}
			outbound = next;
		}
	}

	private void hold(@Nullable Outbound<M> first) {
		for (Outbound<M> outbound = first; outbound != null; outbound = outbound.next()) {
			if (this.youngest == null) {
				this.oldest = outbound;
			}
			else if (outbound == first) {
				this.youngest.next(outbound);
			}
			this.youngest = outbound;
			if (outbound instanceof OutboundBatch<M> batch) {
				this.backlog += batch.size();
				batch.requests().forEach((request) -> {
					watch(request);
					this.link.expireAt(request.deadline());
				});
				continue;
			}
			this.backlog++;
			if (outbound instanceof RequestFuture<M> request) {
				watch(request);
				this.link.expireAt(request.deadline());
			}
		}
		if (first != null) {
			this.queue.backlog(this.backlog);
		}
	}

	/** Takes back all that is held, if it can be written or dropped. */
	private @Nullable Outbound<M> release() {
		return (this.closed || takesMore()) ? takeHeld() : null;
	}

	private @Nullable Outbound<M> takeHeld() {
		Outbound<M> held = this.oldest;
		if (held != null) {
			this.oldest = null;
			this.youngest = null;
			this.soonest = null;
			this.backlog = 0;
			this.queue.backlog(0);
		}
		return held;
	}

}
