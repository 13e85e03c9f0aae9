package dev.backend.http;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.backend.ServiceConfig;
import dev.backend.execution.PermitGate;
import dev.backend.execution.PermitGate.Lane;
import dev.backend.settings.DurationText;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * Probes one instance, again and again, and owns its {@link HttpState}.
 *
 * <p>
 * <b>Threads.</b> An instance stays on one event loop for its life, and everything here
 * runs there. The methods that others call only hand over to it; what others read are the
 * volatile fields.
 *
 * <p>
 * <b>One probe at a time.</b> A probe waits for a permit of the {@link PermitGate}, which
 * it has until it ends, whichever way: first probes go before others, and those of
 * instances that let the last one time out come last. The outcome of one that was given
 * up is not looked at, such as that of an address from which the instance has moved.
 *
 * <p>
 * <b>States.</b> {@link #moveTo} is the only way from one to the next and refuses what
 * {@link HttpState#canMoveTo} does not allow:
 *
 * <pre>
 * DISCOVERED → UP ⇄ EJECTED
 *       │      ↑↓      │
 *       └────→ DOWN ←──┘      any → CLOSED; DOWN, EJECTED → DISCOVERED
 * </pre>
 *
 * An ejected instance is probed on. If it goes down, that ends the ejection: it comes
 * back when its probe succeeds, since what was wrong with it is likely to be over then.
 *
 * <p>
 * <b>Moves.</b> While the instance is up, an {@link EarlyProbe} sees whether it answers
 * where it has moved to. When it does, this service goes there: it is told to be
 * disconnected, moved and connected, and is up all the time, so its rings do not change.
 * One that is not up goes there at once, and is as good as new: DISCOVERED.
 *
 * <p>
 * <b>Pairs.</b> Connected and disconnected are told strictly in turn, connected whenever
 * the instance comes to be up, disconnected whenever it ceases to be that.
 */
final class Prober {

	private static final Logger logger = LoggerFactory.getLogger(Prober.class);

	private final HttpService service;

	private final HttpRuntime runtime;

	private final EventLoop loop;

	private final InstanceEjection ejection;

	private @Nullable Disposable probe;

	/** Of where the instance has moved to, while it is up where it was. */
	private @Nullable EarlyProbe early;

	private @Nullable ScheduledFuture<?> timer;

	private boolean waiting;

	private Lane lane = Lane.FIRST;

	private boolean withdrawn;

	private boolean readyAnnounced;

	/** Whether this instance is one of those of which a part may be ejected. */
	private boolean counted;

	/** Outcomes in a row that speak against the present state. */
	private int contrary;

	private volatile HttpState state = HttpState.DISCOVERED;

	private volatile long stateSince = System.nanoTime();

	private volatile @Nullable Throwable lastFailure;

	Prober(HttpService service, GroupEjections group, HttpRuntime runtime) {
		this.service = service;
		this.runtime = runtime;
		this.loop = runtime.transport().nextLoop();
		this.ejection = new InstanceEjection(this.loop, group, this::readmit);
	}

	HttpState state() {
		return this.state;
	}

	Duration timeInState() {
		return Duration.ofNanos(System.nanoTime() - this.stateSince);
	}

	@Nullable Throwable lastFailure() {
		Throwable ejected = this.ejection.reason();
		return (ejected != null) ? ejected : this.lastFailure;
	}

	/** Whether it is not up although a probe has ended where it is. */
	boolean attemptFailed() {
		HttpState state = this.state;
		return state == HttpState.DOWN || state == HttpState.EJECTED;
	}

	private HttpSettings settings() {
		return this.runtime.context().settings();
	}

	void start() {
		onLoop(this::requestProbe);
	}

	/** Probes at once, because somebody has reason to doubt the state. */
	void probeNow() {
		if (this.state != HttpState.CLOSED) {
			onLoop(() -> {
				if (this.timer != null) {
					requestProbe();
				}
			});
		}
	}

	void succeeded() {
		this.ejection.succeeded();
	}

	void failed(Throwable cause) {
		HttpEjection settings = settings().ejection();
		if (settings.enabled() && this.state == HttpState.UP && this.ejection.failed(settings.consecutiveFailures())) {
			onLoop(() -> eject(cause));
		}
	}

	/** Spread over one interval, since all are told at once. */
	void settingsChanged() {
		onLoop(() -> {
			this.ejection.settingsChanged(settings().ejection());
			if (this.timer != null) {
				startTimer(ThreadLocalRandom.current().nextLong(settings().probeInterval().toNanos()));
			}
		});
	}

	void withdraw() {
		onLoop(() -> {
			this.withdrawn = true;
			if (this.state != HttpState.UP) {
				end();
			}
		});
	}

	void restore() {
		onLoop(() -> this.withdrawn = false);
	}

	void close() {
		onLoop(this::end);
	}

	/** Discovery says that the instance is elsewhere, or here again. */
	void destinationChanged() {
		onLoop(this::followDestination);
	}

	private void followDestination() {
		ServiceConfig destination = this.service.movesTo();
		EarlyProbe early = this.early;
		if (early != null && (destination == null || !early.config().sameEndpoint(destination))) {
			giveUpEarlyProbe();
		}
		if (destination == null || this.state == HttpState.CLOSED) {
			return;
		}
		if (this.state != HttpState.UP) {
			arrive(null);
		}
		else if (this.early == null) {
			this.early = new EarlyProbe(this.runtime, this.loop, destination, this::earlyEnded);
			this.early.start();
		}
	}

	private void earlyEnded(EarlyProbe early, @Nullable Throwable failure) {
		if (early != this.early) {
			return;
		}
		if (failure == null) {
			arrive(early);
		}
		else {
			ProbeLog.notThere(this.service, early.config(), failure);
		}
		this.service.probed(failure);
	}

	private void giveUpEarlyProbe() {
		EarlyProbe early = this.early;
		if (early != null) {
			this.early = null;
			early.giveUp();
		}
	}

	/** The instance is reached where it has moved to, from now on, and not here. */
	private void arrive(@Nullable EarlyProbe answered) {
		boolean up = answered != null;
		giveUpEarlyProbe();
		ServiceConfig from = this.service.moved((answered != null) ? answered.config() : null);
		if (from == null) {
			return;
		}
		endProbe();
		this.contrary = 0;
		this.lastFailure = null;
		// What has failed where it was does not speak against where it is.
		this.ejection.succeeded();
		if (up) {
			this.service.onDisconnected(null);
		}
		this.service.onMoved(from);
		if (up) {
			this.stateSince = System.nanoTime();
			this.readyAnnounced = false;
			this.service.onConnected();
			startTimer(settings().probeInterval().toNanos());
		}
		else {
			if (this.state != HttpState.DISCOVERED) {
				moveTo(HttpState.DISCOVERED);
			}
			if (!this.waiting) {
				this.lane = Lane.FIRST;
			}
			requestProbe();
		}
		this.runtime.availabilityChanged(this.service);
	}

	private void endProbe() {
		Disposable probe = this.probe;
		if (probe != null) {
			this.probe = null;
			probe.dispose();
			this.runtime.probes().release(this.lane);
		}
	}

	/** What an operator keeps off the rings need not be ejected, too. */
	void drainedChanged() {
		onLoop(() -> {
			count();
			readmit();
		});
	}

	/** The tables with this instance were published. */
	void published() {
		onLoop(() -> {
			if (this.state == HttpState.UP && !this.readyAnnounced) {
				this.readyAnnounced = true;
				this.service.onReady();
			}
		});
	}

	/** Without effect when the loop has ended: so has all that it would do. */
	private void onLoop(Runnable task) {
		try {
			this.loop.execute(task);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("{}: its event loop has ended", this.service);
		}
	}

	private void requestProbe() {
		cancelTimer();
		if (this.state == HttpState.CLOSED || this.waiting || this.probe != null) {
			return;
		}
		this.waiting = true;
		this.runtime.probes().acquire(this.lane, () -> onLoop(this::probe));
	}

	private void probe() {
		this.waiting = false;
		if (this.state == HttpState.CLOSED) {
			this.runtime.probes().release(this.lane);
			return;
		}
		HttpSettings settings = settings();
		Disposable.Swap outcome = Disposables.swap();
		this.probe = outcome;
		outcome.update(this.runtime.transport().probe(this.service.config(), settings).subscribe((unused) -> {
		}, (failure) -> onLoop(() -> ended(outcome, explain(failure, settings))),
				() -> onLoop(() -> ended(outcome, null))));
	}

	static Throwable explain(Throwable failure, HttpSettings settings) {
		return (failure instanceof TimeoutException)
				? new TimeoutException("no answer to the probe within %s (backend.http.probe.timeout)%s"
					.formatted(DurationText.of(settings.probeTimeout()), ProbeTls.hint(failure)))
				: failure;
	}

	private void ended(Disposable outcome, @Nullable Throwable failure) {
		if (outcome != this.probe) {
			return;
		}
		this.probe = null;
		this.runtime.probes().release(this.lane);
		this.lane = (failure instanceof TimeoutException) ? Lane.HUNG : Lane.RETRY;
		this.lastFailure = failure;
		judge(failure);
		// Whoever sees it counted sees what came of it.
		this.service.probed(failure);
		if (this.state != HttpState.CLOSED) {
			long interval = settings().probeInterval().toNanos();
			startTimer(interval + ThreadLocalRandom.current().nextLong(-interval / 10, interval / 10 + 1));
		}
	}

	private void judge(@Nullable Throwable failure) {
		boolean first = this.state == HttpState.DISCOVERED;
		boolean answers = this.state.answers();
		if (answers == (failure == null) && !first) {
			this.contrary = 0;
			return;
		}
		this.contrary++;
		if (!first && this.contrary < (answers ? settings().fall() : settings().rise())) {
			return;
		}
		this.contrary = 0;
		if (failure != null) {
			ProbeLog.down(this.service, failure);
			leave(HttpState.DOWN, failure);
		}
		else {
			ProbeLog.up(this.service);
			comeUp();
		}
	}

	private void eject(Throwable cause) {
		if (this.state != HttpState.UP || this.service.drained()) {
			return;
		}
		EjectedException reason = this.ejection.begin(settings().ejection(), cause);
		if (reason == null) {
			ProbeLog.notEjected(this.service, cause);
			return;
		}
		this.runtime.context().ejections().increment();
		ProbeLog.ejected(this.service, reason);
		leave(HttpState.EJECTED, reason);
	}

	private void readmit() {
		if (this.state == HttpState.EJECTED) {
			ProbeLog.readmitted(this.service);
			comeUp();
		}
	}

	private void comeUp() {
		moveTo(HttpState.UP);
		this.readyAnnounced = false;
		this.service.onConnected();
		this.runtime.availabilityChanged(this.service);
	}

	/** Off the rings, if it was there. What discovery does not list goes for good. */
	private void leave(HttpState next, Throwable cause) {
		boolean up = this.state == HttpState.UP;
		moveTo(next);
		if (up) {
			this.service.onDisconnected(cause);
		}
		this.runtime.availabilityChanged(this.service);
		if (this.withdrawn) {
			end();
		}
		else {
			followDestination();
		}
	}

	private void end() {
		if (this.state == HttpState.CLOSED) {
			return;
		}
		cancelTimer();
		giveUpEarlyProbe();
		endProbe();
		boolean up = this.state == HttpState.UP;
		moveTo(HttpState.CLOSED);
		if (up) {
			this.service.onDisconnected(null);
		}
		this.service.onRemoved();
		this.runtime.availabilityChanged(this.service);
	}

	private void moveTo(HttpState next) {
		HttpState before = this.state;
		if (!before.canMoveTo(next)) {
			throw new IllegalStateException("%s: %s -> %s is not allowed".formatted(this.service, before, next));
		}
		this.stateSince = System.nanoTime();
		this.state = next;
		if (before == HttpState.EJECTED) {
			this.ejection.end();
		}
		count();
	}

	private void count() {
		boolean counts = this.state.answers() && !this.service.drained();
		if (counts != this.counted) {
			this.counted = counts;
			this.ejection.counts(counts, settings().ejection());
		}
	}

	private void startTimer(long nanos) {
		cancelTimer();
		this.timer = this.loop.schedule(this::requestProbe, nanos, TimeUnit.NANOSECONDS);
	}

	private void cancelTimer() {
		if (this.timer != null) {
			this.timer.cancel(false);
			this.timer = null;
		}
	}

}
