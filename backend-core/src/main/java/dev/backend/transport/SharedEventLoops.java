package dev.backend.transport;

import java.time.Duration;

import dev.backend.execution.SharedResource;
import dev.backend.execution.SharedResource.Share;
import reactor.netty.resources.LoopResources;

/**
 * Event loops of one owner or of several: there are some from the first
 * {@link #acquire(Duration, Duration)} on until the last of what it has returned is
 * closed. Safe for use by any thread.
 */
public final class SharedEventLoops {

	private final SharedResource<LoopThreads> threads;

	/**
	 * Creates what hands out event loops, and makes none.
	 * @param name the beginning of their threads' names
	 * @param count how many, at least 1
	 */
	public SharedEventLoops(String name, int count) {
		this.threads = new SharedResource<>(() -> new LoopThreads(LoopResources.create(name, count, true)));
	}

	/**
	 * Gives one more owner the event loops.
	 * @param attemptTimeout how long an attempt to connect of this owner may take, the
	 * look-up of the host name included
	 * @param longestUse how long the addresses of a host name are used again at most; in
	 * whole seconds, zero for never
	 * @return the event loops; to be closed
	 */
	public EventLoops acquire(Duration attemptTimeout, Duration longestUse) {
		Share<LoopThreads> share = this.threads.acquire();
		try {
			return new EventLoops(share, attemptTimeout, longestUse);
		}
		catch (Throwable ex) {
			if (share.release()) {
				share.get().endLater();
			}
			throw ex;
		}
	}

}
