package dev.backend.tcp;

import java.time.Duration;

import dev.backend.ConnectionLostException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.logging.StandIn;
import dev.backend.settings.DurationText;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The {@link PeerLiveness} of a {@link Link}. Heartbeats are queued as any message is, so
 * that order and bounds hold for them, but one at a time; one that finds the queue full
 * is tried again at the next check. What the {@link OutboundWriter} makes of one is told
 * by {@link #heartbeatEncoded} or {@link #heartbeatRejected}.
 *
 * @param <M> the type of the messages
 */
final class LinkLiveness<M> extends PeerLiveness implements OutboundHeartbeat.Owner {

	private static final Logger logger = LoggerFactory.getLogger(LinkLiveness.class);

	private final TcpContext<M> context;

	private final Link<M> link;

	private boolean heartbeatWaits;

	/** There will be none any more. */
	private boolean heartbeatFailed;

	private boolean toldOfNone;

	LinkLiveness(TcpContext<M> context, Link<M> link) {
		this.context = context;
		this.link = link;
	}

	@Override
	boolean established() {
		TcpState state = this.link.owner().state();
		return state == TcpState.READY || state == TcpState.DRAINING;
	}

	@Override
	boolean expected() {
		return established() && !this.link.readingPaused();
	}

	@Override
	int outboundMark() {
		ChannelOutboundBuffer buffer = this.link.channel().unsafe().outboundBuffer();
		Object first = (buffer != null) ? buffer.current() : null;
		if (buffer == null || first == null) {
			return 0;
		}
		return (31 * System.identityHashCode(first) + Long.hashCode(buffer.currentProgress())) | 1;
	}

	@Override
	boolean sendHeartbeat() {
		if (this.heartbeatWaits) {
			return true;
		}
		M message = heartbeat();
		int bound = this.context.settings().limits().queuedMessages();
		this.heartbeatWaits = message != null
				&& this.link.offer(new OutboundHeartbeat<>(message, this), bound).accepted();
		return this.heartbeatWaits;
	}

	private @Nullable M heartbeat() {
		if (this.heartbeatFailed) {
			return null;
		}
		try {
			M message = this.link.codec().heartbeat();
			if (message == null) {
				tellOfNone();
			}
			return message;
		}
		catch (Throwable ex) {
			this.heartbeatFailed = true;
			this.link.owner()
				.log()
				.threw(logger, Level.ERROR, ex,
						"{}.heartbeat() failed for {}; this connection goes on without heartbeats",
						StandIn.nameOf(this.link.codec(), ex), this.link.label());
			return null;
		}
	}

	/** Whoever asks for heartbeats by a setting that is off by default wants some. */
	private void tellOfNone() {
		if (!this.toldOfNone && !this.context.settings().liveness().writeIdleInterval().isZero()) {
			this.toldOfNone = true;
			this.link.owner()
				.log()
				.failed(logger, Level.WARN,
						"{}.heartbeat() returned none for {}, so nothing is sent after {} without a write "
								+ "(backend.tcp.liveness.write-idle-interval)",
						StandIn.nameOf(this.link.codec()), this.link.label(),
						DurationText.of(this.context.settings().liveness().writeIdleInterval()));
		}
	}

	@Override
	public void heartbeatEncoded() {
		this.heartbeatWaits = false;
		counters().heartbeats.increment();
	}

	@Override
	public void heartbeatRejected(SendRejectedException rejection, boolean closes) {
		this.heartbeatWaits = false;
		if (rejection.reason() == SendResult.TOO_MANY_PENDING) {
			// The peer owes as many answers, and the wait for one of them goes on.
			return;
		}
		heartbeatNotSent();
		this.heartbeatFailed = true;
		Throwable cause = (rejection.getCause() != null) ? rejection.getCause() : rejection;
		this.link.owner()
			.log()
			.threw(logger, Level.ERROR, cause, "The heartbeat of {} cannot be sent: {}; this connection {}",
					StandIn.nameOf(this.link.codec()), rejection.getMessage(),
					closes ? "is closed" : "goes on without heartbeats");
	}

	@Override
	void idle(Duration timeout) {
		counters().closedForSilence.increment();
		abort("nothing received for %s (backend.tcp.liveness.read-idle-timeout)".formatted(DurationText.of(timeout)));
	}

	@Override
	void unanswered(Duration timeout) {
		counters().closedForSilence.increment();
		abort("nothing received for %s although heartbeats were sent (backend.tcp.liveness.heartbeat-timeout)"
			.formatted(DurationText.of(timeout)));
	}

	@Override
	void stalled(Duration timeout) {
		counters().closedForNoProgress.increment();
		abort("the peer took none of the bytes that wait for it for %s (backend.tcp.liveness.write-progress-timeout)"
			.formatted(DurationText.of(timeout)));
	}

	private void abort(String reason) {
		this.link.abort(new ConnectionLostException(this.link.label() + ": " + reason, true, null));
	}

	private TcpCounters counters() {
		return this.link.owner().counters();
	}

}
