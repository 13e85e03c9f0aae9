package dev.backend.http;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

import dev.backend.ServiceConfig;
import dev.backend.execution.PermitGate.Lane;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * Probes where an instance has moved to, again and again until that succeeds, while it is
 * up where it was. Event loop only.
 */
final class EarlyProbe {

	private final HttpRuntime runtime;

	private final EventLoop loop;

	private final ServiceConfig config;

	private final BiConsumer<EarlyProbe, @Nullable Throwable> ended;

	private @Nullable Disposable probe;

	private @Nullable ScheduledFuture<?> timer;

	private Lane lane = Lane.RETRY;

	private boolean givenUp;

	/**
	 * Creates it, not started.
	 * @param runtime what the services of the backend share
	 * @param loop the event loop of the service
	 * @param config where to probe
	 * @param ended told how each probe has ended: if it failed, another one follows
	 */
	EarlyProbe(HttpRuntime runtime, EventLoop loop, ServiceConfig config,
			BiConsumer<EarlyProbe, @Nullable Throwable> ended) {
		this.runtime = runtime;
		this.loop = loop;
		this.config = config;
		this.ended = ended;
	}

	ServiceConfig config() {
		return this.config;
	}

	void start() {
		this.timer = null;
		this.runtime.probes().acquire(this.lane, () -> this.loop.execute(this::probe));
	}

	/** No outcome is told any more. */
	void giveUp() {
		this.givenUp = true;
		if (this.timer != null) {
			this.timer.cancel(false);
		}
		if (this.probe != null) {
			this.probe.dispose();
			end();
		}
	}

	private void probe() {
		if (this.givenUp) {
			this.runtime.probes().release(this.lane);
			return;
		}
		HttpSettings settings = this.runtime.context().settings();
		Disposable.Swap outcome = Disposables.swap();
		this.probe = outcome;
		outcome.update(this.runtime.transport().probe(this.config, settings).subscribe((unused) -> {
		}, (failure) -> this.loop.execute(() -> ended(outcome, Prober.explain(failure, settings))),
				() -> this.loop.execute(() -> ended(outcome, null))));
	}

	private void end() {
		this.probe = null;
		this.runtime.probes().release(this.lane);
	}

	private void ended(Disposable outcome, @Nullable Throwable failure) {
		if (outcome != this.probe) {
			return;
		}
		end();
		this.lane = (failure instanceof TimeoutException) ? Lane.HUNG : Lane.RETRY;
		this.ended.accept(this, failure);
		if (failure != null && !this.givenUp) {
			long interval = this.runtime.context().settings().probeInterval().toNanos();
			this.timer = this.loop.schedule(this::start,
					interval + ThreadLocalRandom.current().nextLong(-interval / 10, interval / 10 + 1),
					TimeUnit.NANOSECONDS);
		}
	}

}
