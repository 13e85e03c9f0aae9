package dev.backend.tcp;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.backend.BackendService;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
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
 * DISCOVERED → CONNECTING → CONNECTED → READY ⇄ DRAINING
 *                 ↑  │          │         │        │
 *                 │  ↓          ↓         ↓        │
 *                BACKOFF ←──────┴─────────┘        │
 *    any  ─────────────────→  CLOSED  ←────────────┘
 * </pre>
 *
 * A dial has a permit of the {@link PermitGate} from its grant until the service is ready
 * or the attempt has ended otherwise: logins under way bound the dials.
 *
 * <p>
 * <b>One life at a time.</b> A link that takes nothing more ({@link #closing}) takes the
 * service off the rings and starts the back-off. Its end comes later ({@link #closed}):
 * what it had received is handed to the handler first. Its callbacks return later still
 * ({@link #returned}), and only then the next dial begins. Connected and disconnected are
 * told strictly in pairs: both are queued here, one when a link opens, one when that same
 * link reports its end.
 *
 * @param <M> the type of the messages
 */
final class Connector<M> implements LinkOwner<M>, Dial.Owner, ConnectionCallbacks.Owner<M> {

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

	/** From when on the present dial, or the login that has begun, counts as hanging. */
	private long hangsAt;

	private boolean loginBegun;

	private boolean hung;

	private boolean connectedBefore;

	private boolean closeRequested;

	private boolean readyAnnounced;

	private volatile boolean withdrawn;

	private volatile TcpState state = TcpState.DISCOVERED;

	private volatile long stateSince = System.nanoTime();

	private volatile @Nullable Throwable lastFailure;

	/** The present connection. */
	private volatile @Nullable Link<M> link;

	/** The present connection, if it is ready. */
	private volatile @Nullable Link<M> reachable;

	/** Of the last connection, until they have returned. */
	private @Nullable ConnectionCallbacks<M> connection;

	/** Whether the link of the last connection has told its end. */
	private boolean linkClosed = true;

	private boolean permitHeld;

	/** The back-off is over; the next dial waits for the last callbacks to return. */
	private boolean dialDue;

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

	/** The connection for whoever is no callback of it, if there is one. */
	@Nullable Link<M> reachable() {
		return this.reachable;
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
		// Only a connection of which the end was not told yet hands over messages.
		ConnectionCallbacks<M> connection = this.connection;
		if (connection != null) {
			connection.handle(message);
		}
	}

	private TcpSettings settings() {
		return this.runtime.context().settings();
	}

	void start() {
		onLoop(this::requestDial);
	}

	void withdraw() {
		onLoop(() -> {
			this.withdrawn = true;
			// Otherwise it goes with its connection, of which messages may be left.
			if (!this.state.connected() && this.linkClosed) {
				shutDown();
			}
		});
	}

	void restore() {
		onLoop(() -> {
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
		onLoop(() -> {
			Duration limit = settings().timings().drainTimeout();
			Link<M> link = link();
			if (this.state == TcpState.READY && link != null) {
				moveTo(TcpState.DRAINING);
				this.availabilityChanged.run();
				startTimer(limit.toNanos(), this::shutDown);
				link.drain(limit);
			}
			else if (link == null && !this.linkClosed) {
				this.closeRequested = true;
				startTimer(limit.toNanos(), this::shutDown);
			}
			else if (this.state != TcpState.DRAINING) {
				shutDown();
			}
		});
	}

	void close() {
		onLoop(this::shutDown);
	}

	/** Closes this link, and no later one; the next attempt follows after a back-off. */
	void reconnect(Link<M> link, Throwable cause) {
		onLoop(() -> link.close(cause));
	}

	@Override
	public void begun(Link<M> link) {
		onLoop(() -> {
			if (link == link() && this.state == TcpState.CONNECTED) {
				Duration timeout = settings().timings().readyTimeout();
				this.loginBegun = true;
				this.hangsAt = System.nanoTime() + timeout.toNanos() / 2;
				startTimer(timeout.toNanos(), () -> notReady(link, timeout));
			}
		});
	}

	private void notReady(Link<M> link, Duration timeout) {
		link.fail(new TimeoutException("not ready within %s (backend.tcp.connect.ready-timeout)".formatted(timeout)));
	}

	@Override
	public void failed(Link<M> link, Throwable cause) {
		onLoop(() -> link.fail(cause));
	}

	@Override
	public void ready(Link<M> link) {
		onLoop(() -> {
			if (link == link() && this.state == TcpState.CONNECTED) {
				cancelTimer();
				releasePermit();
				this.loginBegun = false;
				this.reachable = link;
				moveTo(TcpState.READY);
				this.availabilityChanged.run();
			}
		});
	}

	@Override
	public void returned(ConnectionCallbacks<M> connection) {
		onLoop(() -> {
			if (connection == this.connection) {
				this.connection = null;
				if (this.dialDue) {
					requestDial();
				}
			}
		});
	}

	/** Without effect when the loop has ended: so has all that it would do. */
	private void onLoop(Runnable task) {
		try {
			this.loop.execute(task);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("{}: its event loop has ended", label());
		}
	}

	/** The tables with this service were published. */
	void published() {
		onLoop(() -> {
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
		this.dialDue = this.connection != null;
		if (this.dialDue) {
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
		this.permitHeld = true;
		if (this.state != TcpState.CONNECTING) {
			releasePermit();
			return;
		}
		Duration timeout = settings().timings().connectTimeout();
		this.counters.dials.increment();
		this.hangsAt = System.nanoTime() + timeout.toNanos() / 2;
		Dial dial = new Dial(this.loop, this);
		this.dial = dial;
		startTimer(timeout.toNanos(), () -> dialFailed(dial,
				new TimeoutException("no connection within %s (backend.tcp.connect.timeout)".formatted(timeout))));
		dial.start(this.runtime.transport(), this.service.config());
	}

	private void endDial() {
		Dial dial = this.dial;
		if (dial != null) {
			this.dial = null;
			dial.giveUp();
			releasePermit();
		}
	}

	private void releasePermit() {
		if (this.permitHeld) {
			this.permitHeld = false;
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
		Link<M> link = new Link<>(this, this.runtime.context(), newCodec(), channel);
		channel.pipeline().remove(NettyPipeline.ReactiveBridge);
		channel.pipeline().addLast("backend", link);
		// Lets go of the operators, which would take a fifth of the heap of a connection.
		connection.rebind(link);
		this.dial = null;
		open(link, channel);
	}

	private MessageCodec<M> newCodec() {
		MessageCodec<M> codec = this.runtime.context().codec();
		try {
			return Objects.requireNonNull(codec.forConnection(this.service), "null (expected: a codec)");
		}
		catch (Throwable ex) {
			throw new CodecException(
					"%s.forConnection failed for %s: %s".formatted(codec.getClass().getName(), label(), ex), ex);
		}
	}

	private void open(Link<M> link, Channel channel) {
		this.connectedAt = System.nanoTime();
		this.readyAnnounced = false;
		this.link = link;
		this.linkClosed = false;
		ConnectionCallbacks<M> connection = this.callbacks.newConnection(link, this);
		this.connection = connection;
		cancelTimer();
		moveTo(TcpState.CONNECTED);
		this.lastFailure = null;
		this.failedDials = 0;
		this.counters.connects.increment();
		if (this.connectedBefore) {
			this.counters.reconnects.increment();
		}
		this.connectedBefore = true;
		logger.info("Connected to {} ({})", label(), link.name());
		connection.open();
		UserTimeout.set(channel, settings().liveness().writeProgressTimeout());
		this.runtime.liveness(this.loop).add(link.liveness());
		link.open();
	}

	@Override
	public boolean closing(Link<M> link, @Nullable Throwable cause) {
		this.link = null;
		this.reachable = null;
		this.hung = this.loginBegun && System.nanoTime() - this.hangsAt >= 0;
		this.loginBegun = false;
		cancelTimer();
		releasePermit();
		Duration up = Duration.ofNanos(System.nanoTime() - this.connectedAt);
		if (up.compareTo(settings().timings().stableAfter()) >= 0) {
			this.backoff.reset();
		}
		if (!leaving()) {
			backOff((cause != null) ? cause : new IllegalStateException("closed"));
		}
		else if (this.state != TcpState.DRAINING) {
			moveTo(TcpState.DRAINING);
			this.availabilityChanged.run();
		}
		return this.connection == null || this.connection.ending();
	}

	@Override
	public void closed(Link<M> link, @Nullable Throwable cause) {
		this.linkClosed = true;
		this.runtime.liveness(this.loop).remove(link.liveness());
		this.counters.disconnects.increment();
		logger.info("Disconnected from {}: {}", label(), (cause != null) ? PlainWords.describe(cause) : "closed");
		if (this.connection != null) {
			this.connection.closed(cause);
		}
		if (leaving()) {
			end();
		}
	}

	/** Whether no connection follows the present one. */
	private boolean leaving() {
		return this.closeRequested || this.withdrawn || this.state == TcpState.DRAINING;
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
			link.close(null);
		}
		else if (this.linkClosed) {
			end();
		}
		else if (this.connection != null) {
			this.connection.link().giveUp();
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
