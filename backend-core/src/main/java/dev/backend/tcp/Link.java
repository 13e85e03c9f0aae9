package dev.backend.tcp;

import java.util.concurrent.TimeUnit;

import dev.backend.ConnectionLostException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendResult;
import dev.backend.transport.PlainWords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * One connection of a service, from when it is up until it is gone. A new connection is a
 * new link, so nothing queued for one can go out on the next.
 *
 * <p>
 * <b>Threads.</b> Everything but {@link #offer} belongs to the event loop. Callers push
 * into the {@link OutboundQueue}; whoever finds it empty wakes the loop, where the
 * {@link OutboundWriter} takes all that is there, encodes it into as few buffers as
 * possible and flushes once. A send made on the loop while it reads from this connection
 * wakes nothing: the end of the read writes it. That leaves alone what others have queued
 * meanwhile: the task that they have woken the loop with writes it in one batch with what
 * comes until then.
 *
 * <p>
 * <b>Time-outs.</b> One timer per link, set to the earliest deadline; when it fires, all
 * that is over is failed and the timer set again. Deadlines that come later than the
 * timer need nothing.
 *
 * <p>
 * <b>End.</b> The first {@code channelInactive} is it. It takes this link away from who
 * sends, fails what is pending or waiting, closes the queue, and tells the
 * {@link LinkOwner}.
 *
 * @param <M> the type of the messages
 */
final class Link<M> extends ChannelInboundHandlerAdapter implements Runnable, Connection {

	/** How long after a sweep the next one comes at the earliest. */
	private static final long SWEEP_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

	private final LinkOwner<M> owner;

	private final Channel channel;

	private final TcpCounters counters;

	private final OutboundQueue<M> queue = new OutboundQueue<>();

	private final PendingRequests<M> pending;

	private final OutboundWriter<M> writer;

	private final InboundReader<M> reader;

	private final LinkLiveness<M> liveness;

	private @Nullable ScheduledFuture<?> timer;

	private long timerDeadline;

	private boolean reading;

	private boolean queuedWhileReading;

	private boolean draining;

	private boolean closing;

	private boolean ended;

	private @Nullable Throwable cause;

	/**
	 * Creates the link of a channel.
	 * @param owner who made it
	 * @param context codec and settings
	 * @param channel the channel, connected, from which nothing was read
	 */
	Link(LinkOwner<M> owner, TcpContext<M> context, Channel channel) {
		this.owner = owner;
		this.channel = channel;
		this.counters = owner.counters();
		this.pending = switch (context.codec().correlation()) {
			case BY_ID -> new PendingById<>();
			case IN_ORDER -> new PendingInOrder<>();
		};
		this.writer = new OutboundWriter<>(this, this.queue, context, owner, this.pending);
		this.reader = new InboundReader<>(this, context, owner, this.pending);
		this.liveness = new LinkLiveness<>(owner, context, this);
	}

	/**
	 * Queues something to be written. Called by any thread.
	 * @param outbound what to write
	 * @param bound how many may wait
	 * @return accepted, queue full, or not connected
	 */
	SendResult offer(Outbound<M> outbound, int bound) {
		return this.queue.push(outbound, bound, this);
	}

	/** Wakes the loop. Called by the producer that found the queue empty. */
	@Override
	public void run() {
		if (this.channel.eventLoop().inEventLoop() && this.reading) {
			this.queuedWhileReading = true;
		}
		else {
			this.channel.eventLoop().execute(this.writer);
		}
	}

	/** The two ends, for people. */
	String name() {
		return "%s -> %s".formatted(this.channel.localAddress(), this.channel.remoteAddress());
	}

	@Override
	public Channel channel() {
		return this.channel;
	}

	String label() {
		return this.owner.label();
	}

	LinkLiveness<M> liveness() {
		return this.liveness;
	}

	/** Whether the handler is so far behind that nothing is read. */
	boolean readingPaused() {
		return this.reader.paused();
	}

	int pendingRequests() {
		return this.pending.size();
	}

	int queuedMessages() {
		return this.queue.size();
	}

	/** Reading goes on, with messages that were there already. */
	void resumed() {
		this.reader.readComplete();
		closeIfDrained();
	}

	/** Starts to read. */
	void open() {
		this.owner.backlog().reader(this.reader);
		this.channel.config().setAutoRead(true);
	}

	/** Closes because something is wrong. */
	void fail(Throwable cause) {
		if (this.cause == null && !this.closing) {
			this.cause = cause;
		}
		this.channel.close();
	}

	/**
	 * Closes because the peer is dead: at once, without the farewell of TLS, for which a
	 * blocked connection would wait.
	 */
	void abort(Throwable cause) {
		if (this.cause == null) {
			this.cause = cause;
		}
		this.channel.unsafe().close(this.channel.voidPromise());
	}

	/** Closes on purpose, at once. */
	void close() {
		this.closing = true;
		this.channel.close();
	}

	/** Closes on purpose, when nothing is waiting or pending. */
	void drain() {
		this.draining = true;
		closeIfDrained();
	}

	/** Takes back {@link #drain()}, unless that has closed the connection already. */
	boolean undrain() {
		this.draining = false;
		return !this.closing;
	}

	void closeIfDrained() {
		if (this.draining && !this.closing && this.pending.size() == 0 && this.writer.isEmpty()) {
			this.closing = true;
			this.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
		}
	}

	/** Sees to it that a request is failed when its deadline comes. */
	void expireAt(long deadline) {
		if (this.timer == null || deadline - this.timerDeadline < 0) {
			startTimer(deadline, System.nanoTime());
		}
	}

	private void startTimer(long deadline, long now) {
		if (this.timer != null) {
			this.timer.cancel(false);
		}
		this.timerDeadline = deadline;
		this.timer = this.channel.eventLoop().schedule(this::sweep, deadline - now, TimeUnit.NANOSECONDS);
	}

	private void sweep() {
		this.timer = null;
		long now = System.nanoTime();
		long next = Math.min(this.pending.expire(now, (request) -> timeOut(request, true)),
				this.writer.expire(now, (request) -> timeOut(request, false)));
		if (next != Long.MAX_VALUE && this.timer == null) {
			startTimer(now + Math.max(next, SWEEP_INTERVAL_NANOS), now);
		}
		closeIfDrained();
	}

	void timeOut(RequestFuture<M> request, boolean written) {
		if (!request.isDone() && request.completeExceptionally(
				new RequestTimeoutException(label() + (written ? ": no reply before the request's deadline"
						: ": the request's deadline came before it could be written"), written))) {
			this.counters.timeouts.increment();
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		this.reading = true;
		this.liveness.heard();
		this.reader.read((ByteBuf) message);
	}

	@Override
	public void channelReadComplete(ChannelHandlerContext ctx) {
		this.reading = false;
		this.reader.readComplete();
		if (this.queuedWhileReading) {
			this.queuedWhileReading = false;
			this.writer.run();
		}
		closeIfDrained();
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext ctx) {
		if (this.channel.isWritable()) {
			this.writer.run();
		}
	}

	/**
	 * A peer that has said in TLS that nothing more will come is done (RFC 8446, section
	 * 6.1), also if it leaves the connection open.
	 */
	@Override
	public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
		if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess()) {
			this.channel.close();
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		boolean first = this.cause == null && !this.closing;
		if (first && PlainWords.isTimeout(cause)) {
			this.counters.closedForNoProgress.increment();
			fail(new ConnectionLostException(label() + ": the peer's system took nothing for too long "
					+ "(backend.tcp.liveness.write-progress-timeout)", true, cause));
		}
		else {
			fail(PlainWords.of(cause));
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		if (this.ended) {
			return;
		}
		this.ended = true;
		if (this.timer != null) {
			this.timer.cancel(false);
		}
		Throwable cause = this.closing ? null : this.cause;
		if (cause == null && !this.closing) {
			cause = new ConnectionLostException(
					label() + ": closed by the peer"
							+ (this.reader.holdsTlsAlert() ? ", which seems to expect TLS (backend.tcp.ssl)" : ""),
					true, null);
		}
		this.reader.close();
		this.owner.closing(this);
		failAll(cause);
		this.owner.closed(this, cause);
	}

	private void failAll(@Nullable Throwable cause) {
		String message = label() + ((cause != null) ? ": connection lost" : ": connection closed");
		this.pending.clear((request) -> lose(request, message, true, cause));
		this.writer.close((request) -> lose(request, message, false, cause));
	}

	private void lose(RequestFuture<M> request, String message, boolean written, @Nullable Throwable cause) {
		if (request.completeExceptionally(new ConnectionLostException(message, written, cause))) {
			this.counters.lost.increment();
		}
	}

}
