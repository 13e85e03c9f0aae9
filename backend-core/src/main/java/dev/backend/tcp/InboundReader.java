package dev.backend.tcp;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.logging.StandIn;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * The inbound half of a {@link Link}: cuts what arrives into messages, completes requests
 * with their replies and hands all others to the service's handler. Event loop only, but
 * for {@link #run()}.
 *
 * <p>
 * <b>Lanes.</b> Replies complete their requests here, and control messages are handled
 * here, by {@link TcpHandler#onControl}. Only what is left, the pushes, waits for the
 * handler.
 *
 * <p>
 * <b>Pause.</b> When the handler is behind by the bound of inbound messages,
 * {@link Intake} says how far reading goes:
 *
 * <pre>
 * OPEN ──→ AHEAD ⇄ PAUSED
 *   ↑        │        │
 *   └────────┴────────┘    half of what waits is handled
 * </pre>
 *
 * AHEAD, while someone needs more than the handler does: a request pends, a login is
 * unfinished, or there is a control hook. Pushes that come by are handed over, too, and
 * their bytes are counted. When they reach the bound of what is read ahead, or nobody
 * needs more, the intake is PAUSED: decoding stops where it is and reading from the
 * channel is switched off, so that TCP slows the peer down. A request that is written
 * then leads back to AHEAD, as long as that bound is not reached.
 *
 * <p>
 * When half of the messages are handled, decoding goes on with what is there, then
 * reading. Both sides look at the other's variable after they wrote their own, so that
 * one of them sees the change.
 *
 * <p>
 * <b>End.</b> After {@link #finish()} nothing arrives any more. What is there goes the
 * same way, pauses included, for as long as the handler gets ahead: if it does not for
 * the drain time-out, the rest is decoded at once, completes the requests that it can,
 * and is counted, not handled.
 *
 * @param <M> the type of the messages
 */
final class InboundReader<M> implements Runnable, LongSupplier {

	private static final int REPLIES_PER_TIME = 16;

	private static final int TLS_ALERT_BYTES = 7;

	private final Link<M> link;

	private final Channel channel;

	private final TcpContext<M> context;

	private final MessageCodec<M> codec;

	private final LinkOwner<M> owner;

	private final PendingRequests<M> pending;

	private final InboundBacklog backlog;

	private @Nullable ByteBuf cumulation;

	/** How many bytes the codec was given last and needs more than. */
	private int examined;

	/** Where the message begins that the codec was given last. */
	private int messageStart;

	private long heardBytes;

	private boolean tlsAlert;

	private boolean closed;

	private boolean discarding;

	private boolean finishing;

	private boolean unwanted;

	private final boolean controlled;

	private int resumes;

	/** The bytes of pushes that were handed over since the handler fell behind. */
	private int readAhead;

	/** The messages since the last reply that were none. */
	private int sinceReply;

	private long time;

	/** How many replies may have the time that was read last. */
	private int timeUses;

	private int burstMessages;

	private int burstBytes;

	private int burstReplies;

	/** Made where the bytes of all connections are bounded. */
	private @Nullable InboundShare share;

	private volatile Intake intake = Intake.OPEN;

	InboundReader(Link<M> link, TcpContext<M> context, LinkOwner<M> owner, PendingRequests<M> pending) {
		this.link = link;
		this.channel = link.channel();
		this.context = context;
		this.codec = link.codec();
		this.owner = owner;
		this.pending = pending;
		this.backlog = owner.backlog();
		this.controlled = owner.handlesControl();
	}

	/** Takes over a buffer that arrived. */
	void read(ByteBuf arrived) {
		if (this.closed || this.discarding) {
			arrived.release();
			return;
		}
		this.heardBytes += arrived.readableBytes();
		this.burstBytes += arrived.readableBytes();
		ByteBuf cumulation = this.cumulation;
		this.cumulation = (cumulation != null)
				? ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(this.channel.alloc(), cumulation, arrived) : arrived;
		this.tlsAlert = this.heardBytes == TLS_ALERT_BYTES && isTlsAlert(this.cumulation);
		decode();
	}

	void readComplete() {
		if (this.burstBytes > 0) {
			this.owner.counters().receivedBytes.add(this.burstBytes);
			this.owner.received(this.burstBytes);
			this.burstBytes = 0;
		}
		if (this.burstMessages > 0) {
			this.owner.counters().receivedMessages.add(this.burstMessages);
			this.owner.counters().replies.add(this.burstReplies);
			this.burstMessages = 0;
			this.burstReplies = 0;
		}
		if (this.cumulation != null) {
			this.cumulation.discardSomeReadBytes();
		}
	}

	/** What arrives from now on is of no use, and is taken so that the peer can end. */
	void discardArrivals() {
		this.discarding = true;
		if (this.share != null) {
			holdBytes();
		}
		this.channel.config().setAutoRead(true);
	}

	/** Nothing arrives any more. Tells the link when all is decoded. */
	void finish() {
		this.finishing = true;
		if (paused() && !this.closed) {
			watchProgress();
		}
		else {
			end();
		}
	}

	private void end() {
		readComplete();
		this.link.finished();
	}

	/** What has not been handed to the handler will not be. */
	void giveUp() {
		if (this.unwanted || this.closed) {
			return;
		}
		this.unwanted = true;
		this.intake = Intake.OPEN;
		decode();
		if (this.finishing) {
			end();
		}
	}

	private void watchProgress() {
		int resumes = this.resumes;
		int waiting = this.backlog.size();
		this.channel.eventLoop().schedule(() -> {
			if (!paused() || this.closed) {
				return;
			}
			if (this.resumes == resumes && this.backlog.size() >= waiting) {
				giveUp();
			}
			else {
				watchProgress();
			}
		}, this.context.settings().timings().drainTimeout().toNanos(), TimeUnit.NANOSECONDS);
	}

	void close() {
		this.closed = true;
		if (this.share != null) {
			this.share.close();
		}
		this.backlog.forget(this);
		ByteBuf cumulation = this.cumulation;
		this.cumulation = null;
		if (cumulation != null) {
			// Not if the codec has released it, which is not its to do.
			ReferenceCountUtil.safeRelease(cumulation);
		}
	}

	private void decode() {
		this.timeUses = 0;
		ByteBuf in = this.cumulation;
		try {
			while (in != null && !this.closed && mayDecode() && in.isReadable() && decodeOne(in)) {
				// goes on with the next message
			}
		}
		catch (Throwable ex) {
			CodecException failure = failure(ex);
			this.owner.counters().codecErrors.increment();
			DecodeFailure.log(this.owner.log(), this.link.label(), failure, this.cumulation, this.messageStart);
			close();
			this.link.fail(failure);
			return;
		}
		if (in != null && !in.isReadable() && this.cumulation == in) {
			in.release();
			this.cumulation = null;
		}
		if (this.share != null || this.context.budget().bounded()) {
			holdBytes();
		}
	}

	private void holdBytes() {
		ByteBuf in = this.cumulation;
		int undecoded = (in != null) ? in.readableBytes() : 0;
		int bytes = undecoded + ((this.intake != Intake.OPEN) ? this.readAhead : 0);
		InboundShare share = this.share;
		if (share == null) {
			if (bytes == 0 || this.closed) {
				return;
			}
			share = new InboundShare(this.link, this.context.budget());
			this.share = share;
		}
		if (!this.closed) {
			share.hold(bytes, undecoded, !paused() && !this.finishing && !this.discarding);
		}
	}

	/** There is room for more bytes. */
	void readOn() {
		if (!paused() && !this.finishing && !this.closed) {
			this.channel.config().setAutoRead(true);
		}
	}

	private CodecException failure(Throwable ex) {
		if (hasTlsAlert()) {
			return new CodecException("%s: the peer seems to expect TLS (backend.tcp.ssl)".formatted(this.link.label()),
					ex);
		}
		return DecodeFailure.of(this.link.label(), this.codec, ex);
	}

	/** Whether nothing has ever arrived. */
	boolean silent() {
		return this.heardBytes == 0;
	}

	/**
	 * Whether all that has arrived is a TLS alert (RFC 8446, sections 5.1 and 6), as
	 * servers answer who does not speak TLS; also if it was taken for a message, as by a
	 * codec of lines: one of the alerts ends with a line feed. To explain a failure only:
	 * a message may begin with such bytes, too.
	 */
	boolean hasTlsAlert() {
		return this.tlsAlert;
	}

	private static boolean isTlsAlert(ByteBuf in) {
		return in.writerIndex() == TLS_ALERT_BYTES && in.getUnsignedByte(0) == 21 && in.getUnsignedByte(1) == 3
				&& in.getUnsignedShort(3) == 2;
	}

	/** Decodes one message; returns whether to go on. */
	private boolean decodeOne(ByteBuf in) throws Exception {
		int start = in.readerIndex();
		this.messageStart = start;
		M message = (this.examined == 0) ? this.codec.decode(in) : this.codec.decode(in, this.examined);
		int consumed = in.readerIndex() - start;
		this.examined = (message == null && consumed == 0) ? in.readableBytes() : 0;
		int bound = limits().frameBytes();
		if (consumed > bound || (consumed == 0 && message == null && in.readableBytes() > bound)) {
			throw new CodecException("%s: frame of %s%d bytes (expected: at most %d, backend.tcp.limits.frame-bytes)"
				.formatted(this.link.label(), (consumed > 0) ? "" : "more than ", (consumed > 0) ? consumed : bound,
						bound));
		}
		if (message == null) {
			return consumed > 0;
		}
		if (consumed <= 0) {
			throw new CodecException("%s: %s returned a message without consuming a byte".formatted(this.link.label(),
					StandIn.nameOf(this.codec)));
		}
		this.burstMessages++;
		dispatch(message, consumed);
		return true;
	}

	private void dispatch(M message, int bytes) {
		this.codec.unanswered(message, this.link);
		RequestFuture<M> request = request(message);
		MessageLogging logging = this.context.settings().logging();
		if (logging.enabled()) {
			MessageLogWriter.log(logging, this.context.codec(), this.owner.log(), this.link.label(),
					(request != null) ? "reply" : "received", message);
		}
		if (request == null || this.pending.isUnawaited(request)) {
			this.sinceReply++;
			handle(message, bytes);
		}
		else if (request.reply(message, this)) {
			this.burstReplies++;
			this.sinceReply = 0;
		}
		else {
			this.owner.counters().unmatchedReplies.increment();
			this.sinceReply = 0;
			handle(message, bytes);
		}
	}

	/**
	 * The time, for replies that are timed. To read the clock takes a good part of what
	 * it takes to complete a request, so some replies that arrived together share it.
	 */
	@Override
	public long getAsLong() {
		if (this.timeUses == 0) {
			this.time = System.nanoTime();
			this.timeUses = REPLIES_PER_TIME;
		}
		this.timeUses--;
		return this.time;
	}

	/** The request to which a message is the reply. */
	private @Nullable RequestFuture<M> request(M message) {
		if (this.context.inOrder()) {
			return this.codec.isPush(message) ? null : this.pending.remove(null);
		}
		Object id = this.codec.responseId(message);
		if (id == null) {
			return null;
		}
		// Apart, so that a number needs no object: it is made within responseId.
		RequestFuture<M> request = RequestIds.isNumeric(id) ? this.pending.remove(RequestIds.numeric(id))
				: this.pending.remove(id);
		if (request == null) {
			this.owner.counters().unmatchedReplies.increment();
		}
		return request;
	}

	private void handle(M message, int bytes) {
		if (this.unwanted) {
			this.owner.counters().unhandledMessages.increment();
			return;
		}
		if (this.controlled && this.owner.control(message)) {
			return;
		}
		int bound = limits().inboundMessages();
		int waiting = this.backlog.add();
		this.owner.handle(message);
		if (this.intake == Intake.AHEAD) {
			this.readAhead += bytes;
		}
		else if (waiting >= bound) {
			this.readAhead = 0;
			this.intake = Intake.AHEAD;
			if (mayResume()) {
				resumeLater();
			}
		}
	}

	/** Whether decoding goes on; if not, reading is switched off. */
	private boolean mayDecode() {
		if (this.intake == Intake.AHEAD && !goesAhead()) {
			this.intake = Intake.PAUSED;
			if (!this.discarding) {
				this.channel.config().setAutoRead(false);
			}
		}
		return this.intake != Intake.PAUSED;
	}

	/** Whether someone needs more than the handler does, and may have it. */
	private boolean goesAhead() {
		return this.readAhead < limits().readAhead()
				&& (this.controlled || this.pending.size() > 0 || this.owner.state() == TcpState.CONNECTED);
	}

	private TcpLimits limits() {
		return this.context.settings().limits();
	}

	/** Something was written: its reply is read, also if the handler is behind. */
	void replyExpected() {
		if (this.intake == Intake.PAUSED && !this.closed && !this.finishing && goesAhead()) {
			this.intake = Intake.AHEAD;
			goOn();
		}
	}

	/** Reading goes on if new bounds allow it. */
	void settingsChanged() {
		run();
		replyExpected();
	}

	/** Decodes what is there, then reads. */
	private void goOn() {
		decode();
		if (!stopped() && !this.closed) {
			this.channel.config().setAutoRead(true);
		}
		this.link.resumed();
	}

	/** Whether the handler is so far behind that nothing is read. */
	boolean paused() {
		return this.intake == Intake.PAUSED;
	}

	/** Whether nothing is read, for the handler or for the bytes of all connections. */
	boolean stopped() {
		return paused() || heldUp();
	}

	private boolean heldUp() {
		return this.share != null && this.share.stopped();
	}

	/** What a request that has waited in vain should know of what has come meanwhile. */
	String meanwhile() {
		StringBuilder text = new StringBuilder(stopHint());
		ByteBuf in = this.cumulation;
		if (text.isEmpty() && in != null && in.isReadable()) {
			text.append("; %d bytes wait undecoded: %s takes them for no whole message".formatted(in.readableBytes(),
					StandIn.nameOf(this.codec)));
		}
		if (this.sinceReply > 0) {
			text.append("; %d messages arrived since the last reply and matched no request".formatted(this.sinceReply));
		}
		return text.toString();
	}

	/** Why nothing is read, if so, for whoever waits in vain. */
	String stopHint() {
		if (paused()) {
			return "; nothing was read any more, because %d messages wait for the handler"
				.formatted(this.backlog.size())
					+ " (backend.tcp.limits.inbound-messages: %d)".formatted(limits().inboundMessages())
					+ " and %d bytes were read ahead of it".formatted(this.readAhead)
					+ " (backend.tcp.limits.read-ahead-bytes: %d)".formatted(limits().readAhead());
		}
		return heldUp() ? "; nothing was read any more, because all connections hold %d bytes".formatted(
				this.context.budget().held()) + " (backend.tcp.limits.total-bytes: %d)".formatted(limits().totalBytes())
				: "";
	}

	/** Takes note that fewer messages wait for the handler. Called by any thread. */
	@Override
	public void run() {
		if (this.intake != Intake.OPEN && mayResume()) {
			resumeLater();
		}
	}

	private boolean mayResume() {
		return this.backlog.size() <= limits().inboundMessages() / 2;
	}

	private void resumeLater() {
		try {
			this.channel.eventLoop().execute(this::resume);
		}
		catch (RejectedExecutionException ex) {
			// The backend has stopped: nothing more will be handled.
		}
	}

	/**
	 * There may be several of these for one pause: the first has decoded more by then.
	 */
	private void resume() {
		if (this.intake == Intake.OPEN || this.closed || !mayResume()) {
			return;
		}
		this.intake = Intake.OPEN;
		this.resumes++;
		if (!this.finishing) {
			goOn();
			return;
		}
		decode();
		if (!paused()) {
			end();
		}
	}

	private enum Intake {

		/** The handler keeps up. */
		OPEN,

		/** It does not, and reading goes on for someone else. */
		AHEAD,

		/** Nothing is read. */
		PAUSED

	}

}
