package dev.backend.transport;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import reactor.netty.resources.LoopResources;

/**
 * The event loops of one owner, with the name resolution that runs on them. Daemon
 * threads, which start when they are first used. Safe for use by any thread.
 */
public final class EventLoops {

	/** Without one, Netty may leave open what is still to be closed. */
	private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

	/** So long loops may take to which nobody gives a time. */
	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

	private final LoopResources resources;

	private final EventLoopGroup group;

	private final NameResolution nameResolution;

	/**
	 * Creates event loops.
	 * @param name the beginning of their threads' names
	 * @param count how many, at least 1
	 * @param attemptTimeout how long an attempt to connect may take, the look-up of the
	 * host name included
	 * @param longestUse how long the addresses of a host name are used again at most; in
	 * whole seconds, zero for never
	 */
	public EventLoops(String name, int count, Duration attemptTimeout, Duration longestUse) {
		this.resources = LoopResources.create(name, count, true);
		this.group = this.resources.onClient(true);
		this.nameResolution = NameResolution.of(this.resources, this.group, attemptTimeout, longestUse);
	}

	/**
	 * Returns the event loops in the form that reactor-netty's clients take.
	 * @return the resources; not to be disposed
	 */
	public LoopResources resources() {
		return this.resources;
	}

	/**
	 * Returns what finds the addresses of host names.
	 * @return the resolver; not to be closed
	 */
	public NameResolution nameResolution() {
		return this.nameResolution;
	}

	/**
	 * Returns the event loops in the form that Netty takes.
	 * @return the group; not to be shut down
	 */
	public EventLoopGroup group() {
		return this.group;
	}

	/**
	 * Returns the loops one after another.
	 * @return the next one
	 */
	public EventLoop next() {
		return this.group.next();
	}

	/**
	 * Returns whether the caller is on one of the event loops.
	 * @return whether it must not wait for them
	 */
	public boolean ownsCurrentThread() {
		for (EventExecutor loop : this.group) {
			if (loop.inEventLoop()) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Ends the event loops, and does not wait for that. One that is busy ends when it is
	 * not any more.
	 */
	public void closeLater() {
		this.nameResolution.close();
		this.resources.disposeLater(QUIET_PERIOD, CLOSE_TIMEOUT).onErrorComplete().subscribe();
	}

	/**
	 * Ends the event loops and waits for them.
	 * @param quiet whether there may still be something open, for which a loop waits a
	 * moment
	 * @param timeout the longest time that the loops may take
	 */
	public void close(boolean quiet, Duration timeout) {
		this.nameResolution.close();
		// A future, because giving up the wait must not cancel the disposal.
		this.resources.disposeLater(quiet ? QUIET_PERIOD : Duration.ZERO, timeout)
			.toFuture()
			.orTimeout(timeout.toMillis() + 1000, TimeUnit.MILLISECONDS)
			.join();
	}

}
