package dev.backend.tcp;

import java.util.function.Consumer;

import dev.backend.ConnectionLostException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

	/** Made when something must wait: most connections of a large fleet are idle. */
	private @Nullable OutboundBacklog<M> backlog;

	/** Made for the first message, for the same reason. */
	private @Nullable MessageEncoder<M> encoder;

	private int expectedBytes = MINIMUM_BUFFER_BYTES;

	private boolean running;

	private boolean closed;

	private boolean finishing;

	private int burstBytes;

	/** Encoded and not taken by the system, where the bytes of all are bounded. */
	private volatile int heldBytes;

	OutboundWriter(Link<M> link, OutboundQueue<M> queue, TcpContext<M> context, PendingRequests<M> pending) {
		this.link = link;
		this.queue = queue;
		this.context = context;
		this.pending = pending;
	}

	private MessageEncoder<M> encoder() {
		MessageEncoder<M> encoder = this.encoder;
		if (encoder == null) {
			encoder = new MessageEncoder<>(this.link, this.context, this.pending);
			this.encoder = encoder;
		}
		return encoder;
	}

	private TcpCounters counters() {
		return this.link.owner().counters();
	}

	boolean isEmpty() {
		return !holds() && (this.finishing || this.queue.isEmpty());
	}

	private boolean holds() {
		return this.backlog != null && !this.backlog.isEmpty();
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
		if (holds() || !takesMore()) {
			hold(taken);
			taken = release();
		}
		if (taken == null) {
			return;
		}
		MessageEncoder<M> encoder = encoder();
		this.burstBytes = 0;
		this.rest = taken;
		try {
			writeAll(encoder, System.nanoTime());
		}
		finally {
			encoder.settle();
			Outbound<M> rest = this.rest;
			this.rest = null;
			hold(rest);
		}
		if (encoder.broken() != null && !this.closed) {
			// What stood before is written yet.
			this.link.close(encoder.broken());
			drop(takeHeld(), this.link::loseUnwritten);
		}
	}

	private void writeAll(MessageEncoder<M> encoder, long now) {
		while (this.rest != null && encoder.broken() == null && takesMore()) {
			writeChunk(encoder, now);
		}
		if (this.burstBytes > 0) {
			this.link.channel().flush();
			this.link.liveness().spoken();
			this.expectedBytes = Math.max(MINIMUM_BUFFER_BYTES, Math.min(CHUNK_BYTES, this.burstBytes));
			counters().sentMessages.add(encoder.takeEncodedMessages());
			counters().sentBytes.add(this.burstBytes);
			this.link.owner().sent(this.burstBytes);
		}
	}

	private void writeChunk(MessageEncoder<M> encoder, long now) {
		ByteBuf out = this.link.channel().alloc().directBuffer(this.expectedBytes + (this.expectedBytes >> 2));
		int bytes;
		try {
			encodeChunk(encoder, out, now);
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
			else if (holds() && !this.closed) {
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

	private void encodeChunk(MessageEncoder<M> encoder, ByteBuf out, long now) {
		// At least one message, or nothing would ever change.
		long limit = Math.min(CHUNK_BYTES, this.link.channel().bytesBeforeUnwritable());
		if (this.context.budget().bounded()) {
			limit = Math.min(limit, this.context.budget().left(this.heldBytes));
		}
		limit = Math.max(1, limit);
		Outbound<M> outbound = this.rest;
		while (outbound != null && encoder.broken() == null && out.readableBytes() < limit) {
			Outbound<M> next = outbound.next();
			this.rest = next;
			outbound.next(null);
			encoder.encode(outbound, out, now);
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

	/**
	 * A request that was written has ended.
	 * @param request the request
	 */
	void endedByCaller(RequestFuture<M> request) {
		encoder().endedByCaller(request);
	}

	/**
	 * Fails the held requests whose deadline has come.
	 * @param now the present time
	 * @param expired completes the request
	 * @return the nanoseconds until the next deadline
	 */
	long expire(long now, Consumer<RequestFuture<M>> expired) {
		OutboundBacklog<M> backlog = this.backlog;
		return (backlog != null) ? backlog.expire(now, expired, (batch) -> encoder().giveUp(batch, now))
				: Long.MAX_VALUE;
	}

	/**
	 * Accepts nothing more, and tells the link when what was accepted is written.
	 * @param unwritten takes every request that was waiting: its reply would come too
	 * late, and with it the rest of its batch
	 */
	void finish(Consumer<RequestFuture<M>> unwritten) {
		this.finishing = true;
		hold(this.queue.close());
		Outbound<M> held = takeHeld();
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
		if (first == null) {
			return;
		}
		OutboundBacklog<M> backlog = this.backlog;
		if (backlog == null) {
			backlog = new OutboundBacklog<>(this.queue);
			this.backlog = backlog;
		}
		RequestFuture<M> soonest = backlog.add(first);
		if (soonest != null) {
			this.link.expireAt(soonest.deadline());
		}
	}

	/** Takes back all that is held, if it can be written or dropped. */
	private @Nullable Outbound<M> release() {
		return (this.closed || takesMore()) ? takeHeld() : null;
	}

	private @Nullable Outbound<M> takeHeld() {
		return (this.backlog != null) ? this.backlog.takeAll() : null;
	}

}
