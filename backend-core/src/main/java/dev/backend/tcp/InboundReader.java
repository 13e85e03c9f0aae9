package dev.backend.tcp;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
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
 * <b>Pause.</b> When the handler is behind by the bound of inbound messages, decoding
 * stops where it is and reading from the channel is switched off, so that TCP slows the
 * peer down. When half of them are handled, decoding goes on with what is there, then
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
final class InboundReader<M> implements Runnable {

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

	private boolean heard;

	private boolean closed;

	private boolean discarding;

	private boolean finishing;

	private boolean unwanted;

	private int resumes;

	private int burstMessages;

	private int burstBytes;

	private int burstReplies;

	private volatile boolean paused;

	InboundReader(Link<M> link, TcpContext<M> context, LinkOwner<M> owner, PendingRequests<M> pending) {
		this.link = link;
		this.channel = link.channel();
		this.context = context;
		this.codec = link.codec();
		this.owner = owner;
		this.pending = pending;
		this.backlog = owner.backlog();
	}

	/** Takes over a buffer that arrived. */
	void read(ByteBuf arrived) {
		if (this.closed || this.discarding) {
			arrived.release();
			return;
		}
		this.heard = true;
		this.burstBytes += arrived.readableBytes();
		ByteBuf cumulation = this.cumulation;
		this.cumulation = (cumulation != null)
				? ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(this.channel.alloc(), cumulation, arrived) : arrived;
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
		this.channel.config().setAutoRead(true);
	}

	/** Nothing arrives any more. Tells the link when all is decoded. */
	void finish() {
		this.finishing = true;
		if (this.paused && !this.closed) {
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
		this.paused = false;
		decode();
		if (this.finishing) {
			end();
		}
	}

	private void watchProgress() {
		int resumes = this.resumes;
		int waiting = this.backlog.size();
		this.channel.eventLoop().schedule(() -> {
			if (!this.paused || this.closed) {
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
		this.backlog.forget(this);
		ByteBuf cumulation = this.cumulation;
		this.cumulation = null;
		if (cumulation != null) {
			// Not if the codec has released it, which is not its to do.
			ReferenceCountUtil.safeRelease(cumulation);
		}
	}

	private void decode() {
		ByteBuf in = this.cumulation;
		try {
			while (in != null && !this.closed && !this.paused && in.isReadable() && decodeOne(in)) {
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
	}

	private CodecException failure(Throwable ex) {
		if (holdsTlsAlert()) {
			return new CodecException("%s: the peer seems to expect TLS (backend.tcp.ssl)".formatted(this.link.label()),
					ex);
		}
		return DecodeFailure.of(this.link.label(), this.codec, ex);
	}

	/** Whether nothing has ever arrived. */
	boolean silent() {
		return !this.heard;
	}

	/**
	 * Whether all that has arrived is a TLS alert (RFC 8446, sections 5.1 and 6), as
	 * servers answer who does not speak TLS. To explain a failure only: a message may
	 * begin with such bytes, too.
	 */
	boolean holdsTlsAlert() {
		ByteBuf in = this.cumulation;
		return in != null && in.writerIndex() == 7 && in.getUnsignedByte(0) == 21 && in.getUnsignedByte(1) == 3
				&& in.getUnsignedShort(3) == 2;
	}

	/** Decodes one message; returns whether to go on. */
	private boolean decodeOne(ByteBuf in) throws Exception {
		int start = in.readerIndex();
		this.messageStart = start;
		M message = (this.examined == 0) ? this.codec.decode(in) : this.codec.decode(in, this.examined);
		int consumed = in.readerIndex() - start;
		this.examined = (message == null && consumed == 0) ? in.readableBytes() : 0;
		int bound = this.context.settings().limits().frameBytes();
		if (consumed > bound || (consumed == 0 && message == null && in.readableBytes() > bound)) {
			throw new CodecException("%s: frame of %s%d bytes (expected: at most %d)".formatted(this.link.label(),
					(consumed > 0) ? "" : "more than ", (consumed > 0) ? consumed : bound, bound));
		}
		if (message == null) {
			return consumed > 0;
		}
		if (consumed <= 0) {
			throw new CodecException("%s: %s returned a message without consuming a byte".formatted(this.link.label(),
					this.codec.getClass().getName()));
		}
		this.burstMessages++;
		dispatch(message);
		return true;
	}

	private void dispatch(M message) {
		RequestFuture<M> request = request(message);
		MessageLogging logging = this.context.settings().logging();
		if (logging.enabled()) {
			MessageLogWriter.log(logging, this.context.codec(), this.owner.log(), this.link.label(),
					(request != null) ? "reply" : "received", message);
		}
		if (request == null || this.pending.isUnawaited(request)) {
			handle(message);
		}
		else if (request.reply(message)) {
			this.burstReplies++;
		}
		else {
			this.owner.counters().unmatchedReplies.increment();
			handle(message);
		}
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
		RequestFuture<M> request = RequestIds.isNumeric(id) ? this.pending.remove(RequestIds.numeric(id))
				: this.pending.remove(id);
		if (request == null) {
			this.owner.counters().unmatchedReplies.increment();
		}
		return request;
	}

	private void handle(M message) {
		if (this.unwanted) {
			this.owner.counters().unhandledMessages.increment();
			return;
		}
		int bound = this.context.settings().limits().inboundMessages();
		int waiting = this.backlog.add();
		this.owner.handle(message);
		if (waiting >= bound) {
			this.paused = true;
			this.channel.config().setAutoRead(false);
			if (mayResume()) {
				resumeLater();
			}
		}
	}

	boolean paused() {
		return this.paused;
	}

	/** Takes note that fewer messages wait for the handler. Called by any thread. */
	@Override
	public void run() {
		if (this.paused && mayResume()) {
			resumeLater();
		}
	}

	private boolean mayResume() {
		return this.backlog.size() <= this.context.settings().limits().inboundMessages() / 2;
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
		if (!this.paused || this.closed || !mayResume()) {
			return;
		}
		this.paused = false;
		this.resumes++;
		decode();
		if (this.finishing) {
			if (!this.paused) {
				end();
			}
			return;
		}
		if (!this.paused && !this.closed) {
			this.channel.config().setAutoRead(true);
		}
		this.link.resumed();
	}

}
