package dev.backend.fleet;

import java.util.Objects;

import dev.backend.execution.HandlerThreads;
import dev.backend.settings.SettingChecks;
import dev.backend.transport.SharedEventLoops;

/**
 * Threads that several backends use instead of threads of their own: event loops, and
 * those that run handlers and hooks. Given to each of them by
 * {@link FleetBuilder#threads(SharedThreads)}, whatever their protocols.
 *
 * <pre class="code">
 * SharedThreads threads = new SharedThreads("gateway", 2, 32);
 * TcpBackend&lt;Frame&gt; game = TcpBackend.builder().name("game").threads(threads)…
 * TcpBackend&lt;Line&gt; chat = TcpBackend.builder().name("chat").threads(threads)…
 * </pre>
 *
 * <p>
 * <b>Life.</b> There are threads while a backend that has this is started: the first one
 * to start makes them, and the last one to stop ends them. There is nothing to close. A
 * backend that starts while the last one ends them gets new ones.
 *
 * <p>
 * <b>Whose thread it is.</b> A thread belongs to all backends that share it, whoever's
 * callback it runs. So {@link FleetBackend#stop()} of any of them, on any of these
 * threads, does not wait but goes on in the background: what it would wait for may need
 * this very thread.
 *
 * <p>
 * <b>Whose task it is.</b> A callback belongs to one backend. When that is stopped, its
 * own callbacks are what is waited for, interrupted and dropped, and never another
 * backend's. What is interrupted is the callback and not the thread: whatever that runs
 * next begins without the interrupt. A callback that does not heed it keeps its thread
 * from all.
 *
 * <p>
 * <b>What it costs.</b> Backends that share wait for each other's handlers if these
 * block, and for each other's codecs, which run on the event loops. Limits are not
 * shared: each backend has its own, such as that of the bytes that wait.
 *
 * <p>
 * Safe for use by any thread.
 */
public final class SharedThreads {

	/** How many handlers and hooks may run at once where nobody says. */
	public static final int DEFAULT_HANDLER_THREADS = 32;

	private final String name;

	private final int eventLoops;

	private final SharedEventLoops loops;

	private final HandlerThreads handlers;

	/**
	 * Creates what backends share, and starts no thread.
	 * @param name the beginning of the threads' names, such as {@code backend} for
	 * {@code backend-handler-1}
	 * @param eventLoops the number of event loops, at least 1; one per two processors is
	 * a good number
	 * @param handlerThreads how many handlers and hooks may run at once, at least 1
	 * @throws IllegalArgumentException if a number is less than 1
	 */
	public SharedThreads(String name, int eventLoops, int handlerThreads) {
		this.name = Objects.requireNonNull(name, "name");
		this.eventLoops = SettingChecks.positive("eventLoops", eventLoops);
		this.loops = new SharedEventLoops(name + "-io", eventLoops);
		this.handlers = new HandlerThreads(name + "-handler", SettingChecks.positive("handlerThreads", handlerThreads));
	}

	/**
	 * Returns how many event loops there are where nobody says.
	 * @return one per two processors, at least 1
	 */
	public static int defaultEventLoops() {
		return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
	}

	/**
	 * Returns the beginning of the threads' names.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Returns the number of event loops.
	 * @return the number
	 */
	public int eventLoops() {
		return this.eventLoops;
	}

	/**
	 * Returns how many handlers and hooks may run at once.
	 * @return the number of threads
	 */
	public int handlerThreads() {
		return this.handlers.count();
	}

	SharedEventLoops loops() {
		return this.loops;
	}

	HandlerThreads handlers() {
		return this.handlers;
	}

}
