package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import dev.backend.ServiceConfig;
import dev.backend.execution.Backoff;
import dev.backend.execution.Backoff.Jitter;
import dev.backend.execution.PermitGate.Lane;
import dev.backend.logging.ServiceLog;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * Connects a service where its instance has moved to, again and again, while its present
 * connection serves on. Nothing is read or written by the new channel until it is
 * {@linkplain #take taken}; if the peer closes it before, another one is made. Event loop
 * only, but for what it tells of itself.
 *
 * <p>
 * A dial has its permit until it ends. What takes the channel asks for another one, since
 * the login that follows counts as well.
 */
final class EarlyDial implements Dial.Owner {

	private final TcpRuntime<?> runtime;

	private final EventLoop loop;

	private final Owner owner;

	private final Backoff backoff = new Backoff(Jitter.FULL);

	private final ServiceConfig config;

	private volatile @Nullable HeldConnection connection;

	private @Nullable Dial dial;

	private @Nullable ScheduledFuture<?> timer;

	/** From when on the present dial counts as hanging. */
	private long hangsAt;

	private Lane lane = Lane.RETRY;

	private boolean ended;

	private int failures;

	/**
	 * Creates it, not started.
	 * @param runtime what the services of the backend share
	 * @param loop the event loop of the service
	 * @param config where to connect
	 * @param owner told when that has come up, or gone again
	 */
	EarlyDial(TcpRuntime<?> runtime, EventLoop loop, ServiceConfig config, Owner owner) {
		this.runtime = runtime;
		this.loop = loop;
		this.config = config;
		this.owner = owner;
	}

	void start() {
		this.timer = null;
		this.runtime.dials().acquire(this.lane, () -> onLoop(this::dial));
	}

	/**
	 * Returns whether there is a channel to an end point. Any thread.
	 * @param config the instance there
	 */
	boolean reaches(ServiceConfig config) {
		return this.connection != null && leadsTo(config);
	}

	/** Returns whether it connects to an end point, or tries to. */
	boolean leadsTo(ServiceConfig config) {
		return this.config.sameEndpoint(config);
	}

	/**
	 * Ends, and gives the channel away.
	 * @return the channel, open as far as is known; {@code null} if there is none
	 */
	@Nullable HeldConnection take() {
		HeldConnection connection = this.connection;
		this.connection = null;
		giveUp();
		return connection;
	}

	/** Ends, and closes the channel. */
	void giveUp() {
		this.ended = true;
		if (this.timer != null) {
			this.timer.cancel(false);
			this.timer = null;
		}
		if (this.dial != null) {
			this.dial.giveUp();
			endDial();
		}
		HeldConnection connection = this.connection;
		if (connection != null) {
			this.connection = null;
			connection.channel().close();
		}
	}

	private void dial() {
		if (this.ended) {
			this.runtime.dials().release(this.lane);
			return;
		}
		Duration timeout = this.runtime.context().settings().timings().connectTimeout();
		this.owner.counters().dials.increment();
		this.hangsAt = System.nanoTime() + timeout.toNanos() / 2;
		this.dial = new Dial(this.loop, this.runtime.transport(), this.config, timeout, this);
		this.dial.start();
	}

	private void endDial() {
		this.dial = null;
		this.runtime.dials().release(this.lane);
	}

	@Override
	public void dialSucceeded(Dial dial, Connection connection) {
		if (dial != this.dial) {
			connection.channel().close();
			return;
		}
		HeldConnection held = new HeldConnection(connection);
		endDial();
		this.connection = held;
		held.channel().closeFuture().addListener((future) -> onLoop(() -> lost(held)));
		this.owner.earlyChanged();
	}

	private void lost(HeldConnection connection) {
		if (this.connection == connection) {
			this.connection = null;
			this.owner.earlyChanged();
			retry();
		}
	}

	@Override
	public void dialFailed(Dial dial, Throwable cause) {
		if (dial != this.dial) {
			return;
		}
		endDial();
		this.lane = (System.nanoTime() - this.hangsAt >= 0) ? Lane.HUNG : Lane.RETRY;
		this.owner.counters().dialFailures.increment();
		DialLog.failed(this.owner.log(), this.config.label(), ++this.failures, cause);
		retry();
	}

	private void retry() {
		TcpTimings timings = this.runtime.context().settings().timings();
		this.timer = this.loop.schedule(this::start,
				this.backoff.next(timings.backoffInitial(), timings.backoffMax()).toNanos(), TimeUnit.NANOSECONDS);
	}

	private void onLoop(Runnable task) {
		try {
			this.loop.execute(task);
		}
		catch (RejectedExecutionException ex) {
			// The loop has ended, and with it all that this would do.
		}
	}

	/** Whose connection it is to be. */
	interface Owner {

		/** A channel has come up, or gone. */
		void earlyChanged();

		TcpCounters counters();

		ServiceLog log();

	}

}
