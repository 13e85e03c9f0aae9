package dev.backend.http;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.backend.fleet.DialGate;
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
 * <b>One probe at a time.</b> A probe waits for a permit of the {@link DialGate}, which
 * it has until it ends, whichever way: first probes go before others. The outcome of one
 * that was given up is not looked at. A probe belongs to this instance and its address:
 * an instance that moves is another one, with probes of its own, so the end of an old
 * probe says nothing of the new address.
 *
 * <p>
 * <b>Pairs.</b> Up and down are told strictly in turn: what is up when it closes is told
 * to be down before it is told to be removed.
 */
final class Prober {

	private static final Logger logger = LoggerFactory.getLogger(Prober.class);

	private final HttpService service;

	private final HttpRuntime runtime;

	private final EventLoop loop;

	private @Nullable Disposable probe;

	private @Nullable ScheduledFuture<?> timer;

	private boolean waiting;

	private boolean probed;

	private boolean withdrawn;

	private boolean readyAnnounced;

	/** Outcomes in a row that speak against the present state. */
	private int contrary;

	private volatile HttpState state = HttpState.DISCOVERED;

	private volatile long stateSince = System.nanoTime();

	private volatile @Nullable Throwable lastFailure;

	Prober(HttpService service, HttpRuntime runtime) {
		this.service = service;
		this.runtime = runtime;
		this.loop = runtime.transport().nextLoop();
	}

	HttpState state() {
		return this.state;
	}

	Duration timeInState() {
		return Duration.ofNanos(System.nanoTime() - this.stateSince);
	}

	@Nullable Throwable lastFailure() {
		return this.lastFailure;
	}

	void start() {
		this.loop.execute(this::requestProbe);
	}

	/** Probes at once, because somebody has reason to doubt the state. */
	void probeNow() {
		this.loop.execute(() -> {
			if (this.probe == null && !this.waiting && this.state != HttpState.CLOSED) {
				cancelTimer();
				requestProbe();
			}
		});
	}

	void withdraw() {
		this.loop.execute(() -> {
			this.withdrawn = true;
			if (this.state != HttpState.UP) {
				end();
			}
		});
	}

	void restore() {
		this.loop.execute(() -> this.withdrawn = false);
	}

	void close() {
		this.loop.execute(this::end);
	}

	/** The tables with this instance were published. */
	void published() {
		this.loop.execute(() -> {
			if (this.state == HttpState.UP && !this.readyAnnounced) {
				this.readyAnnounced = true;
				this.service.onReady();
			}
		});
	}

	private void requestProbe() {
		if (this.state == HttpState.CLOSED || this.waiting || this.probe != null) {
			return;
		}
		this.waiting = true;
		this.runtime.probes().acquire(this.probed, () -> this.loop.execute(this::probe));
	}

	private void probe() {
		this.waiting = false;
		if (this.state == HttpState.CLOSED) {
			this.runtime.probes().release();
			return;
		}
		this.probed = true;
		HttpSettings settings = this.runtime.settings();
		Disposable.Swap outcome = Disposables.swap();
		this.probe = outcome;
		outcome.update(this.runtime.transport().probe(this.service.config(), settings).subscribe((unused) -> {
		}, (failure) -> this.loop.execute(() -> ended(outcome, explain(failure, settings))),
				() -> this.loop.execute(() -> ended(outcome, null))));
	}

	private static Throwable explain(Throwable failure, HttpSettings settings) {
		return (failure instanceof TimeoutException) ? new TimeoutException(
				"no answer to the probe within %s (backend.http.probe.timeout)".formatted(settings.probeTimeout()))
				: failure;
	}

	private void ended(Disposable outcome, @Nullable Throwable failure) {
		if (outcome != this.probe) {
			return;
		}
		this.probe = null;
		this.runtime.probes().release();
		this.lastFailure = failure;
		judge(failure);
		if (this.state != HttpState.CLOSED) {
			long interval = this.runtime.settings().probeInterval().toNanos();
			long jitter = ThreadLocalRandom.current().nextLong(-interval / 10, interval / 10 + 1);
			this.timer = this.loop.schedule(this::requestProbe, interval + jitter, TimeUnit.NANOSECONDS);
		}
	}

	private void judge(@Nullable Throwable failure) {
		boolean up = this.state == HttpState.UP;
		if (up == (failure == null) && this.state != HttpState.DISCOVERED) {
			this.contrary = 0;
			return;
		}
		this.contrary++;
		HttpSettings settings = this.runtime.settings();
		int needed = up ? settings.fall() : settings.rise();
		if (this.state != HttpState.DISCOVERED && this.contrary < needed) {
			return;
		}
		this.contrary = 0;
		if (failure == null) {
			moveTo(HttpState.UP);
			this.readyAnnounced = false;
			logger.info("{} answers its probe", this.service);
			this.service.onConnected();
			this.runtime.availabilityChanged(this.service);
			return;
		}
		logger.info("{} does not answer its probe: {}", this.service, failure.toString());
		moveTo(HttpState.DOWN);
		if (up) {
			this.service.onDisconnected(failure);
		}
		this.runtime.availabilityChanged(this.service);
		if (this.withdrawn) {
			end();
		}
	}

	private void end() {
		if (this.state == HttpState.CLOSED) {
			return;
		}
		cancelTimer();
		Disposable probe = this.probe;
		if (probe != null) {
			this.probe = null;
			probe.dispose();
			this.runtime.probes().release();
		}
		boolean up = this.state == HttpState.UP;
		moveTo(HttpState.CLOSED);
		if (up) {
			this.service.onDisconnected(null);
		}
		this.service.onRemoved();
		this.runtime.availabilityChanged(this.service);
	}

	private void moveTo(HttpState next) {
		this.stateSince = System.nanoTime();
		this.state = next;
	}

	private void cancelTimer() {
		if (this.timer != null) {
			this.timer.cancel(false);
			this.timer = null;
		}
	}

}
