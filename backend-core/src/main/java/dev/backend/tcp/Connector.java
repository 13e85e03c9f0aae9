package dev.backend.tcp;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import dev.backend.execution.PermitGate.Lane;
import dev.backend.logging.PlainText;
import dev.backend.logging.ServiceLog;
import dev.backend.logging.StandIn;
import dev.backend.settings.DurationText;
import dev.backend.transport.PlainWords;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
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
 *                BACKOFF ←──────┴─────────┴────────┤
 *    any  ─────────────────→  CLOSED  ←────────────┘
 * </pre>
 *
 * A dial has the permit of its {@link Dialer} from its grant until the service is ready
 * or the attempt has ended otherwise: logins under way bound the dials.
 *
 * <p>
 * SUSPENDED is without a connection, too: what is connected gets there by DRAINING,
 * whatever else at once, and {@link #resume()} leads from there to CONNECTING.
 *
 * <p>
 * <b>Moves.</b> While there is a connection, an {@link EarlyDial} makes the one to where
 * the instance has moved. When that is up, the fleet takes the service off the rings and
 * calls {@link #move()}: the present connection drains, and the service gets by BACKOFF,
 * which then takes no time, to CONNECTING. There, when no callback of the old connection
 * is left, the destination {@linkplain #arrive() becomes} the present address. A service
 * without a connection arrives at once, in any state.
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
final class Connector<M> implements LinkOwner<M>, Dialer.Owner, EarlyDial.Owner, ConnectionCallbacks.Owner<M> {

	private static final Logger logger = LoggerFactory.getLogger(Connector.class);

	/**
	 * How long a connection that is drained takes what comes, since look-ups made before
	 * the rings were published may still lead to it.
	 */
	private static final Duration GRACE = Duration.ofMillis(100);

	private final TcpRuntime<M> runtime;

	private final TcpCallbacks<M> callbacks;

	private final EventLoop loop;

	private final Dialer dialer;

	/** To where the instance has moved, while it is connected where it was. */
	private volatile @Nullable EarlyDial early;

	private @Nullable ScheduledFuture<?> timer;

	/** From when on the present connection is ready. */
	private long readyAt;

	private boolean connectedBefore;

	private boolean closeRequested;

	private boolean readyAnnounced;

	private volatile boolean withdrawn;

	private volatile TcpState state = TcpState.DISCOVERED;

	private volatile long stateSince = System.nanoTime();

	private volatile @Nullable Throwable lastFailure;

	private volatile boolean attemptFailed;

	/** The present connection. */
	private volatile @Nullable Link<M> link;

	/** The present connection, if it is ready. */
	private volatile @Nullable Link<M> reachable;

	/** Of the last connection, until they have returned. */
	private @Nullable ConnectionCallbacks<M> connection;

	/** Whether the link of the last connection has told its end. */
	private boolean linkClosed = true;

	/** It drains to be closed for good. */
	private boolean leaving;

	private boolean suspended;

	/** The back-off is over; the next dial waits for the last callbacks to return. */
	private boolean dialDue;

	/**
	 * Creates the connector of a service.
	 * @param runtime what the services of the backend share
	 * @param callbacks those of the service
	 */
	Connector(TcpRuntime<M> runtime, TcpCallbacks<M> callbacks) {
		this.runtime = runtime;
		this.callbacks = callbacks;
		this.loop = runtime.transport().nextLoop();
		this.dialer = new Dialer(runtime, this.loop, Lane.FIRST, this);
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

	/** Whether the last dial or login has failed. */
	boolean attemptFailed() {
		return this.attemptFailed;
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
		return service().config().label();
	}

	@Override
	public TcpCounters counters() {
		return this.callbacks.counters();
	}

	@Override
	public ServiceLog log() {
		return this.callbacks.log();
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
	public boolean handlesControl() {
		return this.callbacks.handlesControl();
	}

	@Override
	public boolean control(M message) {
		ConnectionCallbacks<M> connection = this.connection;
		return connection != null && connection.control(message);
	}

	@Override
	public void handle(M message) {
		// Only a connection of which the end was not told yet hands over messages.
		ConnectionCallbacks<M> connection = this.connection;
		if (connection != null) {
			connection.handle(message);
		}
	}

	private BackendService service() {
		return this.callbacks.service();
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
			if (!this.state.connected() && !finishing()) {
				shutDown();
			}
		});
	}

	void restore() {
		onLoop(() -> {
			this.withdrawn = false;
			if (this.suspended || this.callbacks.destination() != null || undrain()) {
				this.leaving = false;
			}
			followDestination();
		});
	}

	void drain() {
		drain(GRACE);
	}

	/** As a drain, without the time for what a look-up leads here. */
	void stop() {
		drain(Duration.ZERO);
	}

	private void drain(Duration grace) {
		onLoop(() -> {
			this.leaving = true;
			giveUpEarlyDial();
			Link<M> link = link();
			if (this.state == TcpState.READY && link != null) {
				startDraining(link, grace);
			}
			else if (finishing()) {
				leave();
				startTimer(settings().timings().drainTimeout().toNanos(), this::shutDown);
			}
			else if (this.state != TcpState.DRAINING) {
				shutDown();
			}
		});
	}

	/** Closes the connection once it is drained, and makes none until resumed. */
	void suspend() {
		onLoop(() -> {
			if (this.suspended || this.state == TcpState.CLOSED) {
				return;
			}
			this.suspended = true;
			giveUpEarlyDial();
			Link<M> link = link();
			if (!this.state.connected()) {
				cancelTimer();
				this.dialer.giveUp();
				rest();
			}
			else if (link != null && this.state == TcpState.READY) {
				startDraining(link, GRACE);
			}
			else if (link != null && this.state == TcpState.CONNECTED) {
				link.close(null);
			}
		});
	}

	/** Serves on with what is connected yet, or dials at once. */
	void resume() {
		onLoop(() -> {
			if (!this.suspended) {
				return;
			}
			this.suspended = false;
			if (this.state == TcpState.SUSPENDED) {
				dialAnew();
			}
			else if (!this.leaving) {
				undrain();
			}
		});
	}

	/** Discovery says that the instance is elsewhere, or here again. */
	void destinationChanged() {
		onLoop(this::followDestination);
	}

	private void followDestination() {
		ServiceConfig destination = this.callbacks.destination();
		EarlyDial early = this.early;
		if (early != null && (destination == null || !early.leadsTo(destination))) {
			giveUpEarlyDial();
		}
		if (this.state == TcpState.CLOSED || leaving()) {
			return;
		}
		if (destination == null) {
			if (!this.suspended) {
				undrain();
			}
		}
		else if (this.connection == null) {
			arriveAtOnce();
		}
		else if (this.early == null && !this.suspended
				&& (this.state == TcpState.CONNECTED || this.state == TcpState.READY)) {
			early = new EarlyDial(this.runtime, this.loop, destination, this);
			this.early = early;
			early.start();
		}
	}

	/** There is no connection, and no callback of one is left. */
	private void arriveAtOnce() {
		arrive();
		if (this.state == TcpState.BACKOFF) {
			cancelTimer();
			requestDial();
		}
		else if (this.state == TcpState.CONNECTING && this.dialer.dialing()) {
			this.dialer.giveUp();
			this.dialer.request();
		}
	}

	/** If the instance has moved, it is reached there from now on, and not here. */
	private void arrive() {
		if (this.callbacks.arrive()) {
			this.dialer.startOver();
			this.lastFailure = null;
			this.attemptFailed = false;
			this.callbacks.availabilityChanged();
		}
	}

	@Override
	public void earlyChanged() {
		this.callbacks.availabilityChanged();
	}

	private void giveUpEarlyDial() {
		EarlyDial early = this.early;
		if (early != null) {
			this.early = null;
			early.giveUp();
			this.callbacks.availabilityChanged();
		}
	}

	/** Whether there is a connection to where the instance has moved. Any thread. */
	boolean readyToMove() {
		EarlyDial early = this.early;
		ServiceConfig destination = this.callbacks.destination();
		return early != null && destination != null && early.reaches(destination);
	}

	/** Drains the present connection, and goes on with the one that is there already. */
	void move() {
		onLoop(() -> {
			Link<M> link = link();
			if (link == null || !readyToMove() || this.suspended || leaving()) {
				return;
			}
			if (this.state == TcpState.READY) {
				startDraining(link, GRACE);
			}
			else if (this.state == TcpState.CONNECTED) {
				link.close(null);
			}
		});
	}

	private void startDraining(Link<M> link, Duration grace) {
		Duration limit = settings().timings().drainTimeout();
		moveTo(TcpState.DRAINING);
		this.callbacks.availabilityChanged();
		startTimer(limit.toNanos(), () -> link.close(null));
		link.drain(limit, grace);
	}

	/** Returns whether it is ready again; not if its connection closes already. */
	private boolean undrain() {
		Link<M> link = link();
		if (this.state != TcpState.DRAINING || this.closeRequested || link == null || !link.undrain()) {
			return false;
		}
		cancelTimer();
		moveTo(TcpState.READY);
		this.callbacks.availabilityChanged();
		followDestination();
		return true;
	}

	/** No connection is left, and none is made. */
	private void rest() {
		// What failed before says nothing to whoever waits from the moment of the
		// resumption.
		this.attemptFailed = false;
		this.dialDue = false;
		// It is yet, if it was resumed before the last callbacks have returned.
		if (this.state != TcpState.SUSPENDED) {
			moveTo(TcpState.SUSPENDED);
		}
		this.callbacks.availabilityChanged();
		followDestination();
	}

	/** No connection is left, and the next one is made at once. */
	private void goOn() {
		moveTo(TcpState.BACKOFF);
		this.callbacks.availabilityChanged();
		dialAnew();
	}

	private void dialAnew() {
		this.dialer.startOver();
		this.attemptFailed = false;
		requestDial();
	}

	void close() {
		onLoop(this::leave);
	}

	/** The last connection takes nothing more, and has yet to tell its end. */
	private boolean finishing() {
		return link() == null && !this.linkClosed;
	}

	/** Closes for good; a connection that has ended already goes on with its input. */
	private void leave() {
		if (finishing()) {
			this.closeRequested = true;
			cancelTimer();
		}
		else {
			shutDown();
		}
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
				this.dialer.loginBegun(timeout);
				startTimer(timeout.toNanos(), () -> notReady(link, timeout));
			}
		});
	}

	private void notReady(Link<M> link, Duration timeout) {
		link.fail(new TimeoutException("not ready within %s (backend.tcp.connect.ready-timeout)%s%s"
			.formatted(DurationText.of(timeout), link.silenceHint(), link.stopHint())));
	}

	@Override
	public void failed(Link<M> link, Throwable cause) {
		onLoop(() -> {
			link.fail(cause);
			ConnectionCallbacks<M> connection = this.connection;
			if (connection != null && connection.link() == link && this.lastFailure != null) {
				this.lastFailure = connection.reason(this.lastFailure);
			}
		});
	}

	@Override
	public void ready(Link<M> link) {
		onLoop(() -> {
			if (link == link() && this.state == TcpState.CONNECTED && !this.suspended) {
				cancelTimer();
				this.dialer.loginEnded();
				this.readyAt = System.nanoTime();
				this.reachable = link;
				this.attemptFailed = false;
				moveTo(TcpState.READY);
				this.callbacks.availabilityChanged();
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
				else {
					followDestination();
				}
			}
		});
	}

	/** Without effect when the loop has ended: so has all that it would do. */
	@Override
	public void onLoop(Runnable task) {
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
		if (this.state == TcpState.CLOSED || this.suspended) {
			return;
		}
		this.dialDue = this.connection != null;
		if (this.dialDue) {
			return;
		}
		arrive();
		moveTo(TcpState.CONNECTING);
		this.dialer.request();
	}

	@Override
	public void permitted() {
		if (this.state != TcpState.CONNECTING) {
			this.dialer.releasePermit();
			return;
		}
		HeldConnection held = takeEarly();
		if (held != null) {
			adopt(held);
		}
		else {
			this.dialer.dial(service().config());
		}
	}

	/** What the early dial has made, if it leads to where the instance is now. */
	private @Nullable HeldConnection takeEarly() {
		EarlyDial early = this.early;
		this.early = null;
		if (early == null) {
			return null;
		}
		if (early.leadsTo(service().config())) {
			return early.take();
		}
		early.giveUp();
		return null;
	}

	private void adopt(HeldConnection held) {
		try {
			open(held.connection());
			held.release();
		}
		catch (Throwable ex) {
			held.channel().close();
			this.dialer.failed(ex);
		}
	}

	@Override
	public void dialFailed(Throwable cause) {
		this.attemptFailed = true;
		backOff(cause);
	}

	@Override
	public void dialSucceeded(Connection connection) {
		connection.channel().pipeline().remove(NettyPipeline.ReactiveBridge);
		open(connection);
	}

	private void open(Connection connection) {
		Channel channel = connection.channel();
		Link<M> link = new Link<>(this, this.runtime.context(), newCodec(), channel);
		try {
			channel.pipeline().addLast("backend", link);
			// Lets go of the operators, which would take a fifth of the heap of a
			// connection.
			connection.rebind(link);
		}
		catch (Throwable ex) {
			link.closeCodec();
			throw ex;
		}
		this.dialer.connected();
		open(link, channel);
	}

	private MessageCodec<M> newCodec() {
		MessageCodec<M> codec = this.runtime.context().codec();
		try {
			return Objects.requireNonNull(codec.forConnection(service()), "null (expected: a codec)");
		}
		catch (Throwable ex) {
			counters().codecErrors.increment();
			throw new CodecException("%s.forConnection failed for %s: %s".formatted(StandIn.nameOf(codec, ex), label(),
					PlainText.of(ex.toString())), ex);
		}
	}

	private void open(Link<M> link, Channel channel) {
		this.readyAnnounced = false;
		this.link = link;
		this.linkClosed = false;
		ConnectionCallbacks<M> connection = this.callbacks.newConnection(link, this);
		this.connection = connection;
		cancelTimer();
		moveTo(TcpState.CONNECTED);
		this.lastFailure = null;
		counters().connects.increment();
		if (this.connectedBefore) {
			counters().reconnects.increment();
		}
		this.connectedBefore = true;
		log().news(logger, "Connected to {} ({})", label(), link.name());
		connection.open();
		UserTimeout.set(channel, settings().liveness().writeProgressTimeout());
		this.runtime.liveness(this.loop).add(link.liveness());
		link.open();
	}

	@Override
	public boolean closing(Link<M> link, @Nullable Throwable cause) {
		Duration up = Duration.ofNanos(System.nanoTime() - this.readyAt);
		boolean wasReady = this.reachable != null;
		boolean stable = wasReady && up.compareTo(settings().timings().stableAfter()) >= 0;
		this.attemptFailed = !wasReady && !this.suspended;
		this.link = null;
		this.reachable = null;
		cancelTimer();
		this.dialer.disconnected(stable);
		if (!leaving() && !this.suspended && this.state != TcpState.DRAINING) {
			backOff((cause != null) ? cause : new IllegalStateException("closed"));
		}
		else if (this.state != TcpState.DRAINING) {
			moveTo(TcpState.DRAINING);
			this.callbacks.availabilityChanged();
		}
		return this.connection == null || this.connection.ending();
	}

	@Override
	public void closed(Link<M> link, @Nullable Throwable cause) {
		this.linkClosed = true;
		this.runtime.liveness(this.loop).remove(link.liveness());
		counters().disconnects.increment();
		if (cause != null && this.connection != null && this.connection.loginFailed()) {
			// Which was told by then, and is one failure, not two.
			logger.debug("Disconnected from {}: {}", label(), PlainWords.describe(cause, label()));
		}
		else if (cause != null) {
			log().failed(logger, Level.INFO, "Disconnected from {}: {}", label(), PlainWords.describe(cause, label()));
		}
		else {
			log().news(logger, "Disconnected from {}: closed", label());
		}
		if (this.connection != null) {
			this.connection.closed(cause);
		}
		if (leaving()) {
			end();
		}
		else if (this.state == TcpState.DRAINING) {
			this.lastFailure = cause;
			if (this.suspended) {
				rest();
			}
			else {
				goOn();
			}
		}
	}

	/** Whether no connection follows the present one. */
	private boolean leaving() {
		return this.closeRequested || this.withdrawn || this.leaving;
	}

	private void backOff(Throwable cause) {
		this.lastFailure = cause;
		moveTo(TcpState.BACKOFF);
		this.callbacks.availabilityChanged();
		long delay = this.dialer.nextDelay().toNanos();
		startTimer((this.callbacks.destination() != null) ? 0 : delay, this::requestDial);
	}

	private void shutDown() {
		if (this.state == TcpState.CLOSED) {
			return;
		}
		this.closeRequested = true;
		cancelTimer();
		this.dialer.giveUp();
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
		giveUpEarlyDial();
		moveTo(TcpState.CLOSED);
		this.callbacks.removed();
		this.callbacks.availabilityChanged();
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
