package dev.backend.tcp;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import dev.backend.ConnectionLostException;
import dev.backend.NoReplyException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendResult;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.Unanswered;
import dev.backend.logging.StandIn;
import dev.backend.transport.PlainWords;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import reactor.netty.Connection;

/**
 * One connection of a service, from when it is up until it is gone. A new connection is a
 * new link, so nothing queued for one can go out on the next.
 *
 * <p>
 * <b>Threads.</b> Everything but {@link #offer} and {@link #ended} belongs to the event
 * loop. Callers push into the {@link OutboundQueue}; whoever finds it empty wakes the
 * loop, where the {@link OutboundWriter} takes all that is there, encodes it into as few
 * buffers as possible and flushes once. A send made on the loop while it reads from this
 * connection wakes nothing: the end of the read writes it. That leaves alone what others
 * have queued meanwhile: the task that they have woken the loop with writes it in one
 * batch with what comes until then.
 *
 * <p>
 * <b>Time-outs.</b> One timer per link, set to the earliest deadline; when it fires, all
 * that is over is failed and the timer set again. Deadlines that come later than the
 * timer need nothing.
 *
 * <p>
 * <b>Giving up.</b> A request that was written is given up when its deadline comes, or
 * when its caller ends it, which the caller's thread tells by a task. Either frees its
 * slot; {@link PendingRequests} keeps a late reply from meeting another request. The
 * codec may say of one that no reply will come: to it, a link is {@link Unanswered}.
 *
 * <p>
 * <b>End.</b> It comes after what came before it. {@link Phase} says how far it is:
 *
 * <pre>
 * OPEN ⇄ DRAINING     sends are accepted
 *   │       │
 *   ├───────┴──→ FLUSHING     on purpose: what was accepted is written
 *   │                │
 *   └──→ CLOSING ←───┘     half-closed, or being closed because something is wrong
 *           │
 *        FINISHING    the channel is closed; what had arrived is decoded and handled
 *           │
 *         ENDED
 * </pre>
 *
 * Whoever leaves OPEN or DRAINING tells the {@link LinkOwner} first, and nothing is
 * accepted from then on. A planned end writes what was accepted, says that nothing more
 * will come, and reads and discards what the peer still sends until its end comes, for a
 * second at most: with input unread, the system would answer by a reset, which takes away
 * from the peer what it has not read yet. The end of the peer is seen as
 * {@code channelInactive} or, where a handler before this one swallows that, by the close
 * future of the channel. Input that had arrived by then is decoded as far as the handler
 * gets ahead; what is pending fails after that.
 *
 * @param <M> the type of the messages
 */
final class Link<M> extends ChannelInboundHandlerAdapter
		implements Runnable, Connection, ChannelFutureListener, Unanswered, RequestFuture.Writer<M> {

	private static final Logger logger = LoggerFactory.getLogger(Link.class);

	/** How long after a sweep the next one comes at the earliest. */
	private static final long SWEEP_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

	/**
	 * How long a planned end waits for the peer's, and to be rid of what was accepted.
	 */
	private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final Duration GRACE_STEP = Duration.ofMillis(25);

	private final LinkOwner<M> owner;

	private final TcpContext<M> context;

	private final MessageCodec<M> codec;

	private final Channel channel;

	private final OutboundQueue<M> queue = new OutboundQueue<>();

	private final PendingRequests<M> pending;

	private final OutboundWriter<M> writer;

	private final InboundReader<M> reader;

	private final LinkLiveness<M> liveness;

	private @Nullable ScheduledFuture<?> timer;

	private long timerDeadline;

	/** Until when a drained connection may write what was accepted. */
	private long drainDeadline;

	/** How many steps of its grace a drained connection has left. */
	private int graceSteps;

	/** How often it was drained: the steps of a drain that was taken back end. */
	private int drains;

	private boolean reading;

	private boolean queuedWhileReading;

	private volatile Phase phase = Phase.OPEN;

	private @Nullable Throwable cause;

	/**
	 * Creates the link of a channel.
	 * @param owner who made it
	 * @param context codec and settings
	 * @param codec the codec of this connection
	 * @param channel the channel, connected, from which nothing was read
	 */
	Link(LinkOwner<M> owner, TcpContext<M> context, MessageCodec<M> codec, Channel channel) {
		this.owner = owner;
		this.context = context;
		this.codec = codec;
		this.channel = channel;
		this.pending = switch (context.codec().correlation()) {
			case BY_ID -> new PendingById<>();
			case IN_ORDER -> new PendingInOrder<>();
		};
		this.writer = new OutboundWriter<>(this, this.queue, context, this.pending);
		this.reader = new InboundReader<>(this, context, owner, this.pending);
		this.liveness = new LinkLiveness<>(context, this);
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

	/**
	 * Queues a batch to be written. Called by any thread.
	 * @param batch what to write
	 * @param bound how many messages may wait
	 * @return accepted, queue full, or not connected
	 */
	SendResult offer(OutboundBatch<M> batch, int bound) {
		return this.queue.push(batch, batch.size(), bound, this);
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

	MessageCodec<M> codec() {
		return this.codec;
	}

	/** Whether the codec is of this connection alone, and sees all that is sent by it. */
	boolean ownsCodec() {
		return this.codec != this.context.codec();
	}

	LinkOwner<M> owner() {
		return this.owner;
	}

	String label() {
		return this.owner.label();
	}

	LinkLiveness<M> liveness() {
		return this.liveness;
	}

	/** Whether sends are accepted. To be asked by any thread. */
	boolean isActive() {
		Phase phase = this.phase;
		return phase == Phase.OPEN || phase == Phase.DRAINING;
	}

	/** Whether nothing is read, for a reason of this side. */
	boolean readingPaused() {
		return this.reader.stopped();
	}

	int pendingRequests() {
		return this.pending.size();
	}

	int queuedMessages() {
		return this.queue.size();
	}

	/** Called by any thread. */
	void settingsChanged() {
		try {
			this.channel.eventLoop().execute(this.reader::settingsChanged);
		}
		catch (RejectedExecutionException ex) {
			// The loop has ended, and nothing will be read.
		}
	}

	/** What was there to be written is, as far as the channel takes it. */
	void wrote() {
		if (this.pending.size() > 0) {
			this.reader.replyExpected();
		}
		closeIfDrained();
	}

	/**
	 * How many bytes are encoded that the system has not taken, where all are bounded.
	 */
	int heldBytes() {
		return this.writer.heldBytes();
	}

	/** There is room for more bytes of all connections. */
	void readOn() {
		this.reader.readOn();
	}

	/** Reading goes on, with messages that were there already. */
	void resumed() {
		this.reader.readComplete();
		closeIfDrained();
	}

	/** Starts to read. */
	void open() {
		this.owner.backlog().reader(this.reader);
		this.channel.closeFuture().addListener(this);
		this.channel.config().setAutoRead(true);
	}

	/** The channel is closed. */
	@Override
	public void operationComplete(ChannelFuture future) {
		later(() -> later(this::channelClosed));
	}

	/** Twice in a row: after channelInactive, which is queued when the channel closes. */
	private void later(Runnable task) {
		try {
			this.channel.eventLoop().execute(task);
		}
		catch (RejectedExecutionException ex) {
			// The loop has ended, and channelInactive has been.
			task.run();
		}
	}

	/**
	 * Closes because something is wrong; past the handlers of the pipeline, if they have
	 * not done so after a second.
	 */
	void fail(Throwable cause) {
		end(cause);
		this.channel.close();
		if (this.channel.isOpen()) {
			closeAfter(LINGER_NANOS, Phase.CLOSING);
		}
	}

	/**
	 * Closes because the peer is dead: at once, without the farewell of TLS, for which a
	 * blocked connection would wait.
	 */
	void abort(Throwable cause) {
		end(cause);
		this.channel.unsafe().close(this.channel.voidPromise());
	}

	/**
	 * Nothing can be written any more: what the peer sent before that is read, for a
	 * second at most.
	 */
	private void endOutput(Throwable cause) {
		if (end(cause)) {
			this.channel.config().setAutoRead(true);
			closeAfter(LINGER_NANOS, Phase.CLOSING);
		}
	}

	/** Accepts and writes nothing more; returns whether that is new. */
	private boolean end(Throwable cause) {
		if (!isActive()) {
			return false;
		}
		leave(Phase.CLOSING, cause);
		this.writer.close(this::loseUnwritten);
		return true;
	}

	/**
	 * Closes on purpose: what was accepted is written.
	 * @param cause why, or {@code null} if no new connection follows
	 */
	void close(@Nullable Throwable cause) {
		close(cause, LINGER_NANOS);
	}

	private void close(@Nullable Throwable cause, long limit) {
		if (!isActive()) {
			return;
		}
		leave(Phase.FLUSHING, cause);
		this.reader.discardArrivals();
		this.writer.finish(this::loseUnwritten);
		if (!this.reader.paused()) {
			failPending();
		}
		closeAfter(limit, Phase.FLUSHING);
		this.writer.run();
	}

	/**
	 * Closes on purpose, when nothing is waiting or pending.
	 * @param limit how long what was accepted may take to be written
	 * @param grace how long it stays open at least, for what may come yet. That is
	 * counted in steps: a pause of the whole process takes one, and leaves the rest to
	 * those that go on after it
	 */
	void drain(Duration limit, Duration grace) {
		if (this.phase == Phase.OPEN) {
			this.phase = Phase.DRAINING;
			this.drainDeadline = System.nanoTime() + limit.toNanos();
			this.drains++;
			await((int) grace.dividedBy(GRACE_STEP), this.drains);
		}
	}

	private void await(int steps, int drain) {
		this.graceSteps = steps;
		if (steps == 0) {
			closeIfDrained();
			return;
		}
		this.channel.eventLoop().schedule(() -> {
			if (this.phase == Phase.DRAINING && this.drains == drain) {
				await(steps - 1, drain);
			}
		}, GRACE_STEP.toNanos(), TimeUnit.NANOSECONDS);
	}

	/** Takes back {@link #drain}, unless that has closed the connection already. */
	boolean undrain() {
		if (this.phase == Phase.DRAINING) {
			this.phase = Phase.OPEN;
			this.graceSteps = 0;
		}
		return this.phase == Phase.OPEN;
	}

	void closeIfDrained() {
		if (this.phase == Phase.DRAINING && this.graceSteps == 0 && this.pending.size() == 0 && this.writer.isEmpty()) {
			close(null, Math.max(LINGER_NANOS, this.drainDeadline - System.nanoTime()));
		}
	}

	/** Nothing is accepted any more. */
	private void leave(Phase next, @Nullable Throwable cause) {
		this.cause = cause;
		this.phase = next;
		if (!this.owner.closing(this, cause)) {
			this.reader.giveUp();
		}
	}

	/** All that was accepted is with the channel: the flush of it ends the output. */
	void written() {
		this.channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((future) -> halfClose());
	}

	private void halfClose() {
		if (this.phase != Phase.FLUSHING) {
			return;
		}
		this.phase = Phase.CLOSING;
		this.channel.config().setAutoRead(true);
		closeAfter(LINGER_NANOS, Phase.CLOSING);
		SslHandler tls = this.channel.pipeline().get(SslHandler.class);
		if (tls != null) {
			tls.closeOutbound().addListener((future) -> shutDownOutput());
		}
		else {
			shutDownOutput();
		}
	}

	private void shutDownOutput() {
		if (this.channel instanceof DuplexChannel duplex) {
			duplex.shutdownOutput();
		}
		else {
			this.channel.close();
		}
	}

	private void closeAfter(long nanos, Phase phase) {
		this.channel.eventLoop().schedule(() -> {
			if (this.phase == phase) {
				this.channel.unsafe().close(this.channel.voidPromise());
			}
		}, nanos, TimeUnit.NANOSECONDS);
	}

	/** Does not wait for the handler any longer. */
	void giveUp() {
		this.reader.giveUp();
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
		sweepAt(System.nanoTime());
	}

	void sweepAt(long now) {
		this.timer = null;
		long next = Math.min(this.pending.expire(now, this.context.settings(), (request) -> timeOut(request, true)),
				this.writer.expire(now, (request) -> timeOut(request, false)));
		if (next != Long.MAX_VALUE && this.timer == null) {
			startTimer(now + Math.max(next, SWEEP_INTERVAL_NANOS), now);
		}
		closeIfDrained();
	}

	void timeOut(RequestFuture<M> request, boolean written) {
		if (!request.isDone() && request.fail(new RequestTimeoutException(
				label() + (written ? ": no reply before the request's deadline" + this.reader.meanwhile()
						: ": the request's deadline came before it could be written"),
				written))) {
			this.owner.counters().timeouts.increment();
		}
	}

	@Override
	public void ended(RequestFuture<M> request) {
		try {
			this.channel.eventLoop().execute(() -> {
				this.writer.endedByCaller(request);
				closeIfDrained();
			});
		}
		catch (RejectedExecutionException ex) {
			// The loop has ended, and with it all that was pending.
		}
	}

	@Override
	public void oldest(int count) {
		if (!this.context.inOrder()) {
			throw new IllegalStateException("%s: oldest(%d) (expected: replies in order)".formatted(label(), count));
		}
		if (count < 0 || count > this.pending.size()) {
			throw new IllegalArgumentException("%s: oldest(%d) (expected: 0 to %d, the replies that are due)"
				.formatted(label(), count, this.pending.size()));
		}
		for (int i = 0; i < count; i++) {
			endWithoutReply(this.pending.remove(null));
		}
	}

	@Override
	public void id(Object id) {
		requireIds(id);
		endWithoutReply(this.pending.remove(id));
	}

	@Override
	public void id(long id) {
		if (this.context.inOrder()) {
			requireIds(id);
		}
		endWithoutReply(this.pending.remove(id));
	}

	private void requireIds(Object id) {
		if (this.context.inOrder()) {
			throw new IllegalStateException("%s: id(%s) (expected: replies by id)".formatted(label(), id));
		}
	}

	private void endWithoutReply(@Nullable RequestFuture<M> request) {
		if (request != null && !this.pending.isUnawaited(request)) {
			request.fail(new NoReplyException(
					"%s: %s said that no reply will come".formatted(label(), StandIn.nameOf(this.codec))));
		}
	}

	@Override
	public void channelRead(ChannelHandlerContext ctx, Object message) {
		if (!(message instanceof ByteBuf arrived)) {
			ReferenceCountUtil.release(message);
			fail(new IllegalStateException(
					"%s: a handler of the client customizer passed on a message of type %s (expected: ByteBuf)"
						.formatted(label(), message.getClass().getName())));
			return;
		}
		this.reading = true;
		this.liveness.heard();
		this.reader.read(arrived);
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
			fail(closedByPeer());
		}
	}

	/** With a failed write, the channel's output is shut down, and reading goes on. */
	@Override
	public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
		boolean output = cause instanceof ChannelOutputShutdownException;
		Throwable failure = (output && cause.getCause() != null) ? cause.getCause() : cause;
		if (PlainWords.isTimeout(failure)) {
			if (isActive()) {
				this.owner.counters().closedForNoProgress.increment();
			}
			fail(new ConnectionLostException(label() + ": the peer's system took nothing for too long "
					+ "(backend.tcp.liveness.write-progress-timeout)", true, failure));
		}
		else if (output) {
			endOutput(explained(PlainWords.of(failure)));
		}
		else {
			fail(explained(PlainWords.of(failure)));
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext ctx) {
		channelClosed();
	}

	private void channelClosed() {
		if (this.phase == Phase.FINISHING || this.phase == Phase.ENDED) {
			return;
		}
		if (isActive()) {
			leave(Phase.FINISHING, closedByPeer());
		}
		this.phase = Phase.FINISHING;
		this.writer.close(this::loseUnwritten);
		this.reader.finish();
	}

	private ConnectionLostException closedByPeer() {
		return new ConnectionLostException(label() + ": closed by the peer" + tlsHint(), true, null);
	}

	/** Such as a reset, by which a server may answer who does not speak TLS. */
	private Throwable explained(Throwable failure) {
		String hint = (failure instanceof IOException) ? tlsHint() : "";
		return hint.isEmpty() ? failure : new IOException(PlainWords.describe(failure) + hint, failure);
	}

	private String tlsHint() {
		return this.reader.hasTlsAlert() ? "; the peer seems to expect TLS (backend.tcp.ssl)" : silenceHint();
	}

	/** What a peer may want that has never sent a byte over a plain connection. */
	String silenceHint() {
		return (this.reader.silent() && this.channel.pipeline().get(SslHandler.class) == null)
				? "; the peer has sent nothing, it may expect TLS (backend.tcp.ssl)" : "";
	}

	/** Why nothing is read, if so, for a reason of this side. */
	String stopHint() {
		return this.reader.stopHint();
	}

	/** All that had arrived is decoded, or given up. */
	void finished() {
		if (this.phase != Phase.FINISHING) {
			return;
		}
		this.phase = Phase.ENDED;
		if (this.timer != null) {
			this.timer.cancel(false);
		}
		this.reader.close();
		this.writer.releaseBytes();
		failPending();
		closeCodec();
		this.owner.closed(this, this.cause);
	}

	/** Nothing is encoded or decoded any more. */
	void closeCodec() {
		if (ownsCodec() && this.codec instanceof AutoCloseable closeable) {
			try {
				closeable.close();
			}
			catch (Throwable ex) {
				this.owner.counters().codecErrors.increment();
				this.owner.log()
					.threw(logger, Level.WARN, ex, "{}.close() failed for {}", StandIn.nameOf(this.codec, ex), label());
			}
		}
	}

	private void failPending() {
		this.pending.clear((request) -> lose(request, true));
	}

	void loseUnwritten(RequestFuture<M> request) {
		lose(request, false);
	}

	private void lose(RequestFuture<M> request, boolean written) {
		String message = label() + ((this.cause != null) ? ": connection lost" : ": connection closed");
		if (request.fail(new ConnectionLostException(message, written, this.cause))) {
			this.owner.counters().lost.increment();
		}
	}

	private enum Phase {

		/** Sends are accepted. */
		OPEN,

		/** They are, but the connection ends when nothing waits or is pending. */
		DRAINING,

		/** Nothing is accepted; what was is written. */
		FLUSHING,

		/** Nothing is written any more; the channel is about to be closed. */
		CLOSING,

		/** The channel is closed; the handler has not got all that had arrived. */
		FINISHING,

		/** The owner was told. */
		ENDED

	}

}
