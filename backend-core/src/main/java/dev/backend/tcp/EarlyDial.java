package dev.backend.tcp;

import java.util.concurrent.TimeUnit;

import dev.backend.ServiceConfig;
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
final class EarlyDial implements Dialer.Owner {

	private final EventLoop loop;

	private final Owner owner;

	private final ServiceConfig config;

	private final Dialer dialer;

	private volatile @Nullable HeldConnection connection;

	private @Nullable ScheduledFuture<?> timer;

	private boolean ended;

	/**
	 * Creates it, not started.
	 * @param runtime what the services of the backend share
	 * @param loop the event loop of the service
	 * @param config where to connect
	 * @param owner told when that has come up, or gone again
	 */
	EarlyDial(TcpRuntime<?> runtime, EventLoop loop, ServiceConfig config, Owner owner) {
		this.loop = loop;
		this.config = config;
		this.owner = owner;
		this.dialer = new Dialer(runtime, loop, Lane.RETRY, this);
	}

	void start() {
		this.timer = null;
		this.dialer.request();
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
		this.dialer.giveUp();
		HeldConnection connection = this.connection;
		if (connection != null) {
			this.connection = null;
			connection.channel().close();
		}
	}

	@Override
	public void permitted() {
		if (this.ended) {
			this.dialer.releasePermit();
		}
		else {
			this.dialer.dial(this.config);
		}
	}

	@Override
	public void dialSucceeded(Connection connection) {
		HeldConnection held = new HeldConnection(connection);
		this.dialer.connected();
		this.dialer.releasePermit();
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
	public void dialFailed(Throwable cause) {
		retry();
	}

	private void retry() {
		this.timer = this.loop.schedule(this::start, this.dialer.nextDelay().toNanos(), TimeUnit.NANOSECONDS);
	}

	@Override
	public void onLoop(Runnable task) {
		this.owner.onLoop(task);
	}

	@Override
	public String label() {
		return this.config.label();
	}

	@Override
	public TcpCounters counters() {
		return this.owner.counters();
	}

	@Override
	public ServiceLog log() {
		return this.owner.log();
	}

	/** Whose connection it is to be. */
	interface Owner {

		/** A channel has come up, or gone. */
		void earlyChanged();

		/**
		 * Runs a task on the event loop, as long as that lasts. Called by any thread.
		 * @param task the task
		 */
		void onLoop(Runnable task);

		TcpCounters counters();

		ServiceLog log();

	}

}
