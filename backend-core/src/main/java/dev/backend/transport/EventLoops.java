package dev.backend.transport;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import dev.backend.execution.SharedResource.Share;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import reactor.netty.resources.LoopResources;

/**
 * The event loops of one owner, with the name resolution that runs on them. The loops may
 * be those of other owners, too: see {@link SharedEventLoops}. Daemon threads, which
 * start when they are first used. Safe for use by any thread.
 */
public final class EventLoops {

	private final Share<LoopThreads> threads;

	private final NameResolution nameResolution;

	/**
	 * Creates event loops that no other owner has.
	 * @param name the beginning of their threads' names
	 * @param count how many, at least 1
	 * @param attemptTimeout how long an attempt to connect may take, the look-up of the
	 * host name included
	 * @param longestUse how long the addresses of a host name are used again at most; in
	 * whole seconds, zero for never
	 * @return the event loops; to be closed
	 */
	public static EventLoops of(String name, int count, Duration attemptTimeout, Duration longestUse) {
		return new SharedEventLoops(name, count).acquire(attemptTimeout, longestUse);
	}

	EventLoops(Share<LoopThreads> threads, Duration attemptTimeout, Duration longestUse) {
		this.threads = threads;
		this.nameResolution = NameResolution.of(resources(), group(), attemptTimeout, longestUse);
	}

	/**
	 * Returns the event loops in the form that reactor-netty's clients take.
	 * @return the resources; not to be disposed
	 */
	public LoopResources resources() {
		return this.threads.get().resources();
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
		return this.threads.get().group();
	}

	/**
	 * Returns the loops one after another.
	 * @return the next one
	 */
	public EventLoop next() {
		return group().next();
	}

	/**
	 * Returns whether the caller is on one of the event loops.
	 * @return whether it must not wait for them
	 */
	public boolean ownsCurrentThread() {
		for (EventExecutor loop : group()) {
			if (loop.inEventLoop()) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Ends the event loops, unless another owner has them, and does not wait for that.
	 * One that is busy ends when it is not any more.
	 */
	public void closeLater() {
		if (release(true)) {
			this.threads.get().endLater();
		}
	}

	/**
	 * Ends the event loops and waits for them. If another owner has them, this waits
	 * until they have done what they were given to do by now.
	 * @param channelsOpen whether there may still be something open, for which a loop
	 * waits a moment when it ends
	 * @param timeout the longest time that the loops may take
	 */
	public void close(boolean channelsOpen, Duration timeout) {
		if (release(channelsOpen)) {
			// A future, because giving up the wait must not cancel the disposal.
			await(this.threads.get().end(timeout).toFuture(), timeout.plusSeconds(1));
		}
		else {
			await(turn(), timeout);
		}
	}

	/** Returns whether there is no other owner. */
	private boolean release(boolean channelsOpen) {
		this.nameResolution.close();
		if (channelsOpen) {
			this.threads.get().channelsOpen();
		}
		return this.threads.release();
	}

	/** Completes when each loop has come to the end of what waits for it. */
	private CompletableFuture<Void> turn() {
		List<CompletableFuture<Void>> turns = new ArrayList<>();
		for (EventExecutor loop : group()) {
			try {
				turns.add(CompletableFuture.runAsync(() -> {
				}, loop));
			}
			catch (RejectedExecutionException ex) {
				// The last owner is ending it, which comes to the same.
			}
		}
		return CompletableFuture.allOf(turns.toArray(CompletableFuture[]::new));
	}

	private static void await(CompletableFuture<?> done, Duration timeout) {
		done.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS).join();
	}

}
