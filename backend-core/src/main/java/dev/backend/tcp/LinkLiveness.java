package dev.backend.tcp;

import java.time.Duration;

import dev.backend.ConnectionLostException;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The {@link PeerLiveness} of a {@link Link}. Heartbeats are queued as any message is, so
 * that order and bounds hold for them; one that is refused is tried again at the next
 * check.
 *
 * @param <M> the type of the messages
 */
final class LinkLiveness<M> extends PeerLiveness {

	private static final Logger logger = LoggerFactory.getLogger(LinkLiveness.class);

	private final TcpContext<M> context;

	private final Link<M> link;

	private boolean heartbeatFailed;

	LinkLiveness(TcpContext<M> context, Link<M> link) {
		this.context = context;
		this.link = link;
	}

	@Override
	boolean expected() {
		TcpState state = this.link.owner().state();
		return (state == TcpState.READY || state == TcpState.DRAINING) && !this.link.readingPaused();
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
		M message = heartbeat();
		int bound = this.context.settings().limits().queuedMessages();
		if (message == null || !this.link.offer(new OutboundMessage<>(message), bound).accepted()) {
			return false;
		}
		counters().heartbeats.increment();
		return true;
	}

	private @Nullable M heartbeat() {
		if (this.heartbeatFailed) {
			return null;
		}
		try {
			return this.link.codec().heartbeat();
		}
		catch (Throwable ex) {
			this.heartbeatFailed = true;
			this.link.owner()
				.log()
				.threw(logger, Level.ERROR, ex,
						"{}.heartbeat() failed for {}; this connection goes on without heartbeats",
						this.link.codec().getClass().getName(), this.link.label());
			return null;
		}
	}

	@Override
	void idle(Duration timeout) {
		counters().closedForSilence.increment();
		abort("nothing received for %s (backend.tcp.liveness.read-idle-timeout)".formatted(text(timeout)));
	}

	@Override
	void unanswered(Duration timeout) {
		counters().closedForSilence.increment();
		abort("nothing received for %s although heartbeats were sent (backend.tcp.liveness.heartbeat-timeout)"
			.formatted(text(timeout)));
	}

	@Override
	void stalled(Duration timeout) {
		counters().closedForNoProgress.increment();
		abort("the peer took none of the bytes that wait for it for %s (backend.tcp.liveness.write-progress-timeout)"
			.formatted(text(timeout)));
	}

	private void abort(String reason) {
		this.link.abort(new ConnectionLostException(this.link.label() + ": " + reason, true, null));
	}

	private TcpCounters counters() {
		return this.link.owner().counters();
	}

	/** As the property is written: {@code 8s}, or {@code 400ms}. */
	private static String text(Duration timeout) {
		return (timeout.getNano() == 0) ? timeout.getSeconds() + "s" : timeout.toMillis() + "ms";
	}

}
