package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.backend.BackendService;
import dev.backend.execution.Backoff;
import dev.backend.execution.Backoff.Jitter;
import dev.backend.execution.PermitGate;
import dev.backend.execution.PermitGate.Lane;
import dev.backend.transport.PlainWords;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;

/**
 * Keeps one service connected: dials, waits, dials again, and closes for good. Owns its
 * {@link TcpState}.
 *
 * <p>
 * <b>Threads.</b> A service stays on one event loop for its life, and everything here
 * runs there. The methods that others call only hand over to it. What others read are the
 * volatile fields.
 *
 * <p>
 * <b>States.</b> {@link #moveTo} is the only way from one to the next and refuses what
 * {@link TcpState#canMoveTo} does not allow:
 *
 * <pre>
 * DISCOVERED → CONNECTING → CONNECTED → READY → DRAINING
 *                 ↑  │          │         │  ←───  │
 *                 │  ↓          ↓         ↓        │
 *                BACKOFF ←──────┴─────────┘        │
 *    any  ─────────────────→  CLOSED  ←────────────┘
 * </pre>
 *
 * A dial has a permit of the {@link PermitGate} from its grant until its end, whichever
 * way it ends. Connected and disconnected are told strictly in pairs: both are queued
 * here, one when a link opens, one when that same link reports its end.
 *
 * @param <M> the type of the messages
 */
final class Connector<M> implements LinkOwner<M>, Dial.Owner {

	private static final Logger logger = LoggerFactory.getLogger(Connector.class);

	private final BackendService service;

	private final TcpRuntime<M> runtime;

	private final TcpCounters counters;

	private final TcpCallbacks<M> callbacks;

	private final Runnable availabilityChanged;

	private final EventLoop loop;

	private final Backoff backoff = new Backoff(Jitter.FULL);

	private @Nullable Dial dial;

	private @Nullable ScheduledFuture<?> timer;

	private long connectedAt;

	private int failedDials;

	private Lane lane = Lane.FIRST;

	/** From when on the present dial counts as one that hangs. */
	private long hangsAt;

	private boolean hung;

	private boolean connectedBefore;

	private boolean closeRequested;

	private boolean readyAnnounced;

	private volatile boolean withdrawn;

	private volatile TcpState state = TcpState.DISCOVERED;

	private volatile long stateSince = System.nanoTime();

	private volatile @Nullable Throwable lastFailure;

	private volatile @Nullable Link<M> link;

	/** The connection that was opened last; with the event loop. */
	private @Nullable Link<M> opened;

	/**
	 * Creates the connector of a service.
	 * @param service the service
	 * @param runtime what the services of the backend share
	 * @param callbacks those of the service
	 * @param availabilityChanged run when the service can be chosen, or not any more
	 */
	Connector(BackendService service, TcpRuntime<M> runtime, TcpCallbacks<M> callbacks, Runnable availabilityChanged) {
		this.service = service;
		this.runtime = runtime;
		this.counters = runtime.context().counters(service.name());
		this.callbacks = callbacks;
		this.availabilityChanged = availabilityChanged;
		this.loop = runtime.transport().nextLoop();
	}

	@Override
	public TcpState state() {
		return this.state;
	}

	Duration timeInState() {
		return Duration.ofNanos(System.nanoTime() - this.stateSince);
	}

	@Nullable Throwable lastFailure() {
		return this.lastFailure;
	}

	/** The present connection, if there is one. */
	@Nullable Link<M> link() {
		return this.link;
	}

	boolean withdrawn() {
		return this.withdrawn;
	}

	@Override
	public String label() {
		return this.service.config().label();
	}

	@Override
	public TcpCounters counters() {
		return this.counters;
	}

	@Override
	public InboundBacklog backlog() {
		return this.callbacks.backlog();
	}

	@Override
	public void sent(int bytes) {
		this.callbacks.sent(bytes);
	}

	@Override
	public void received(int bytes) {
		this.callbacks.received(bytes);
	}

	@Override
	public void handle(M message) {
		this.callbacks.handle(message);
	}

	private TcpSettings settings() {
		return this.runtime.context().settings();
	}

	void start() {
		this.loop.execute(this::requestDial);
	}

	void withdraw() {
		this.loop.execute(() -> {
			this.withdrawn = true;
			if (!this.state.connected()) {
				shutDown();
			}
		});
	}

	void restore() {
		this.loop.execute(() -> {
			this.withdrawn = false;
			Link<M> link = link();
			if (this.state == TcpState.DRAINING && link != null && !this.closeRequested && link.undrain()) {
				cancelTimer();
				moveTo(TcpState.READY);
				this.availabilityChanged.run();
			}
		});
	}

	void drain() {
		this.loop.execute(() -> {
			Link<M> link = link();
			if (this.state == TcpState.READY && link != null) {
				moveTo(TcpState.DRAINING);
				this.availabilityChanged.run();
				startTimer(settings().timings().drainTimeout().toNanos(), this::shutDown);
				link.drain();
			}
			else if (this.state != TcpState.DRAINING) {
				shutDown();
			}
		});
	}

	void close() {
		this.loop.execute(this::shutDown);
	}

	/** Closes the present connection; the next attempt follows after a back-off. */
	void reconnect(Throwable cause) {
		this.loop.execute(() -> {
			Link<M> link = link();
			if (link != null) {
				link.fail(cause);
			}
		});
	}

	/** The handler of this link, and of no later one, failed to set it up. */
	private void failed(Link<M> link, Throwable cause) {
		this.loop.execute(() -> link.fail(cause));
	}

	/** The handshake of this link, and of no later one, has succeeded. */
	private void ready(Link<M> link) {
		this.loop.execute(() -> {
			if (link == link() && this.state == TcpState.CONNECTED) {
				cancelTimer();
				moveTo(TcpState.READY);
				this.availabilityChanged.run();
			}
		});
	}

	/** The tables with this service were published. */
	void published() {
		this.loop.execute(() -> {
			if (this.state == TcpState.READY && !this.readyAnnounced) {
				this.readyAnnounced = true;
				this.callbacks.ready();
			}
		});
	}

	private void requestDial() {
		if (this.state == TcpState.CLOSED) {
			return;
		}
		moveTo(TcpState.CONNECTING);
		this.lane = nextLane();
		this.runtime.dials().acquire(this.lane, () -> this.loop.execute(this::dial));
	}

	private Lane nextLane() {
		if (this.hung) {
			return Lane.HUNG;
		}
		return (this.failedDials == 0 && this.backoff.attempts() <= 1) ? Lane.FIRST : Lane.RETRY;
	}

	private void dial() {
		if (this.state != TcpState.CONNECTING) {
			this.runtime.dials().release(this.lane);
			return;
		}
		Duration timeout = settings().timings().connectTimeout();
		this.counters.dials.increment();
		this.hangsAt = System.nanoTime() + timeout.toNanos() / 2;
		this.dial = new Dial(this.loop, this.runtime.transport(), this.service.config(), timeout, this);
		this.dial.start();
	}

	private void endDial() {
		Dial dial = this.dial;
		if (dial != null) {
			this.dial = null;
			dial.giveUp();
			this.runtime.dials().release(this.lane);
		}
	}

	@Override
	public void dialFailed(Dial dial, Throwable cause) {
		if (dial != this.dial) {
			return;
		}
		endDial();
		this.hung = System.nanoTime() - this.hangsAt >= 0;
		this.counters.dialFailures.increment();
		this.runtime.dialLog().failed(this.service.name(), label(), ++this.failedDials, cause, System.nanoTime());
		backOff(cause);
	}

	@Override
	public void dialSucceeded(Dial dial, Connection connection) {
		Channel channel = connection.channel();
		if (dial != this.dial) {
			channel.close();
			return;
		}
		Link<M> link = new Link<>(this, this.runtime.context(), channel);
		channel.pipeline().remove(NettyPipeline.ReactiveBridge);
		channel.pipeline().addLast("backend", link);
		// Lets go of the operators, which would take a fifth of the heap of a connection.
		connection.rebind(link);
		this.dial = null;
		this.runtime.dials().release(this.lane);
		open(link, channel);
	}

	private void open(Link<M> link, Channel channel) {
		this.connectedAt = System.nanoTime();
		this.readyAnnounced = false;
		this.link = link;
		this.opened = link;
		moveTo(TcpState.CONNECTED);
		this.lastFailure = null;
		this.failedDials = 0;
		this.hung = false;
		this.counters.connects.increment();
		if (this.connectedBefore) {
			this.counters.reconnects.increment();
		}
		this.connectedBefore = true;
		logger.info("Connected to {} ({})", label(), link.name());
		this.callbacks.connected(() -> ready(link), (failure) -> failed(link, failure));
		Duration timeout = settings().timings().readyTimeout();
		startTimer(timeout.toNanos(), () -> link
			.fail(new TimeoutException("not ready within %s (backend.tcp.connect.ready-timeout)".formatted(timeout))));
		UserTimeout.set(channel, settings().liveness().writeProgressTimeout());
		this.runtime.liveness(this.loop).add(link.liveness());
		link.open();
		if (!channel.isActive()) {
			// It went away before its handler was there to see it.
			link.channelInactive(channel.pipeline().lastContext());
		}
	}

	@Override
	public void closing(Link<M> link) {
		if (link == this.link) {
			this.link = null;
		}
	}

	@Override
	public void closed(Link<M> link, @Nullable Throwable cause) {
		if (link != this.opened) {
			// It was never opened.
			return;
		}
		this.opened = null;
		this.runtime.liveness(this.loop).remove(link.liveness());
		cancelTimer();
		this.counters.disconnects.increment();
		logger.info("Disconnected from {}: {}", label(), (cause != null) ? PlainWords.describe(cause) : "closed");
		Duration up = Duration.ofNanos(System.nanoTime() - this.connectedAt);
		if (up.compareTo(settings().timings().stableAfter()) >= 0) {
			this.backoff.reset();
		}
		this.callbacks.connectionLost(cause);
		if (this.closeRequested || this.withdrawn || this.state == TcpState.DRAINING) {
			end();
		}
		else {
			backOff((cause != null) ? cause : new IllegalStateException("closed"));
		}
	}

	private void backOff(Throwable cause) {
		this.lastFailure = cause;
		moveTo(TcpState.BACKOFF);
		this.availabilityChanged.run();
		TcpTimings timings = settings().timings();
		startTimer(this.backoff.next(timings.backoffInitial(), timings.backoffMax()).toNanos(), this::requestDial);
	}

	private void shutDown() {
		if (this.state == TcpState.CLOSED) {
			return;
		}
		this.closeRequested = true;
		cancelTimer();
		endDial();
		Link<M> link = link();
		if (link != null) {
			link.close();
		}
		else {
			end();
		}
	}

	private void end() {
		cancelTimer();
		moveTo(TcpState.CLOSED);
		this.callbacks.removed();
		this.availabilityChanged.run();
	}

	private void moveTo(TcpState next) {
		TcpState state = this.state;
		if (!state.canMoveTo(next)) {
			throw new IllegalStateException("%s: %s -> %s is not allowed".formatted(label(), state, next));
		}
		this.stateSince = System.nanoTime();
		this.state = next;
	}

	private void startTimer(long nanos, Runnable task) {
		cancelTimer();
		this.timer = this.loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
	}

	private void cancelTimer() {
		if (this.timer != null) {
			this.timer.cancel(false);
			this.timer = null;
		}
	}

}
