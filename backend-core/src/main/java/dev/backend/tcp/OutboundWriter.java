package dev.backend.tcp;

import java.util.function.Consumer;

import dev.backend.ConnectionLostException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.logging.PlainText;
import dev.backend.logging.ServiceLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
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
 * the bound of the queue.
 *
 * <p>
 * Whatever is thrown while a burst is written closes the connection, with which the
 * requests of that burst fail: the bytes of some of them may be gone. One message that
 * cannot be encoded is no matter of the others, unless the codec has state of this
 * connection: then nothing after it could be read. What stood before it is written, and
 * the connection is closed.
 *
 * @param <M> the type of the messages
 */
final class OutboundWriter<M> implements Runnable {

	private static final Logger logger = LoggerFactory.getLogger(OutboundWriter.class);

	private static final int CHUNK_BYTES = 64 * 1024;

	private static final int MINIMUM_BUFFER_BYTES = 256;

	private final Link<M> link;

	private final Channel channel;

	private final TcpContext<M> context;

	private final MessageCodec<M> codec;

	private final PendingRequests<M> pending;

	private final OutboundQueue<M> queue;

	/** What the present burst has yet to write. */
	private @Nullable Outbound<M> rest;

	private @Nullable Outbound<M> oldest;

	private @Nullable Outbound<M> youngest;

	private int backlog;

	private int expectedBytes = MINIMUM_BUFFER_BYTES;

	private boolean running;

	private boolean closed;

	private boolean finishing;

	/** Why the codec of this connection cannot go on. */
	private @Nullable SendRejectedException broken;

	private int burstMessages;

	private int burstBytes;

	OutboundWriter(Link<M> link, OutboundQueue<M> queue, TcpContext<M> context, PendingRequests<M> pending) {
		this.link = link;
		this.queue = queue;
		this.channel = link.channel();
		this.context = context;
		this.codec = link.codec();
		this.pending = pending;
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
		if (!isEmpty() && this.channel.isWritable()) {
			// What completed futures have sent meanwhile, or what is held although the
			// flush made the channel writable again: that event came while this ran.
			// Others get their turn first.
			this.channel.eventLoop().execute(this);
		}
		this.link.closeIfDrained();
	}

	private void write() {
		Outbound<M> taken = this.queue.takeAll();
		if (this.oldest != null || !this.channel.isWritable()) {
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
		while (this.rest != null && this.broken == null && this.channel.isWritable()) {
			writeChunk(now);
		}
		if (this.burstBytes > 0) {
			this.channel.flush();
			this.expectedBytes = Math.max(MINIMUM_BUFFER_BYTES, Math.min(CHUNK_BYTES, this.burstBytes));
			counters().sentMessages.add(this.burstMessages);
			counters().sentBytes.add(this.burstBytes);
			this.link.owner().sent(this.burstBytes);
		}
	}

	private void writeChunk(long now) {
		ByteBuf out = this.channel.alloc().directBuffer(this.expectedBytes + (this.expectedBytes >> 2));
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
			this.channel.write(out, this.channel.voidPromise());
		}
		else {
			out.release();
		}
	}

	private void encodeChunk(ByteBuf out, long now) {
		// At least one message, or nothing would ever change.
		int limit = (int) Math.max(1, Math.min(CHUNK_BYTES, this.channel.bytesBeforeUnwritable()));
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
		ByteBuf fitting = this.channel.alloc().directBuffer(bytes, bytes).writeBytes(out);
		out.release();
		return fitting;
	}

	private boolean othersWait() {
		ChannelOutboundBuffer waiting = this.channel.unsafe().outboundBuffer();
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
		OutboundMessage<M> oneWay = (OutboundMessage<M>) outbound;
		SendRejectedException rejection = (oneWay.content() instanceof OutboundMessage.Encoded encoded)
				? append(encoded, out) : encodeOneWay(oneWay.message(), out);
		if (rejection != null) {
			reject(oneWay, rejection);
		}
	}

	private void reject(Outbound<M> outbound, SendRejectedException rejection) {
		if (outbound instanceof RequestFuture<M> request) {
			if (request.completeExceptionally(rejection)) {
				counters().rejected.increment();
			}
		}
		else {
			counters().rejected.increment();
			dropped(rejection, rejection.getCause());
		}
	}

	private void dropped(SendRejectedException rejection, @Nullable Throwable cause) {
		ServiceLog log = this.link.owner().log();
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

	private @Nullable SendRejectedException encodeOneWay(M message, ByteBuf out) {
		boolean reply;
		try {
			reply = this.context.inOrder() && this.codec.expectsReply(message);
		}
		catch (Throwable ex) {
			return encodingFailed(ex);
		}
		SendRejectedException rejection = reply ? rejectIfTooManyPending() : null;
		if (rejection == null) {
			rejection = encodeMessage(message, out);
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
		SendRejectedException rejection = admit(request);
		if (rejection == null) {
			rejection = encodeMessage(request.message(), out);
			if (rejection == null) {
				request.written();
				this.link.expireAt(request.deadline());
				return;
			}
			this.pending.removeLast(request);
		}
		reject(request, rejection);
	}

	private @Nullable SendRejectedException admit(RequestFuture<M> request) {
		SendRejectedException rejection = rejectIfTooManyPending();
		if (rejection != null) {
			return rejection;
		}
		if (!this.pending.add(request)) {
			Object id = request.objectId();
			return reject(SendResult.DUPLICATE_REQUEST_ID, String.valueOf((id != null) ? id : request.numericId()),
					null);
		}
		return null;
	}

	private @Nullable SendRejectedException rejectIfTooManyPending() {
		int bound = this.context.settings().limits().pendingRequests();
		if (this.pending.size() < bound) {
			return null;
		}
		return reject(SendResult.TOO_MANY_PENDING, "%d (expected: below %d)".formatted(this.pending.size(), bound),
				null);
	}

	private @Nullable SendRejectedException encodeMessage(M message, ByteBuf out) {
		int start = out.writerIndex();
		try {
			this.codec.encode(message, out);
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
		this.burstMessages++;
		MessageLogging logging = this.context.settings().logging();
		if (logging.enabled()) {
			MessageLogWriter.log(logging, this.context.codec(), this.link.owner().log(), this.link.label(), "sent",
					message);
		}
		return null;
	}

	/** A codec that has seen what the peer will not is of no use any more. */
	private SendRejectedException broken(SendRejectedException rejection) {
		if (this.link.ownsCodec()) {
			this.broken = rejection;
		}
		return rejection;
	}

	private SendRejectedException encodingFailed(Throwable ex) {
		counters().codecErrors.increment();
		return reject(SendResult.ENCODING_FAILED, PlainText.of(ex.toString()),
				new CodecException("%s failed to encode a message".formatted(this.codec.getClass().getName()), ex));
	}

	private SendRejectedException reject(SendResult reason, String value, @Nullable Throwable cause) {
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
		long next = Long.MAX_VALUE;
		for (Outbound<M> outbound = this.oldest; outbound != null; outbound = outbound.next()) {
			if (outbound instanceof RequestFuture<M> request && !request.isDone()) {
				long left = request.deadline() - now;
				if (left <= 0) {
					expired.accept(request);
				}
				else {
					next = Math.min(next, left);
				}
			}
		}
		return next;
	}

	/**
	 * Accepts nothing more, and tells the link when what was accepted is written.
	 * @param unwritten takes every request that was waiting: its reply would come too
	 * late
	 */
	void finish(Consumer<RequestFuture<M>> unwritten) {
		this.finishing = true;
		hold(this.queue.close());
		Outbound<M> held = this.oldest;
		this.oldest = null;
		this.youngest = null;
		this.backlog = 0;
		while (held != null) {
			Outbound<M> next = held.next();
			held.next(null);
			if (held instanceof RequestFuture<M> request) {
				unwritten.accept(request);
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
			else {
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
			this.backlog++;
			if (outbound instanceof RequestFuture<M> request) {
				this.link.expireAt(request.deadline());
			}
		}
		if (first != null) {
			this.queue.backlog(this.backlog);
		}
	}

	/** Takes back all that is held, if it can be written or dropped. */
	private @Nullable Outbound<M> release() {
		return (this.closed || this.channel.isWritable()) ? takeHeld() : null;
	}

	private @Nullable Outbound<M> takeHeld() {
		Outbound<M> held = this.oldest;
		if (held != null) {
			this.oldest = null;
			this.youngest = null;
			this.backlog = 0;
			this.queue.backlog(0);
		}
		return held;
	}

}
