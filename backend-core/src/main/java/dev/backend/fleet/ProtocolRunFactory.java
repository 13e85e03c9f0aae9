package dev.backend.fleet;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.backend.transport.SharedEventLoops;

/**
 * Makes what a protocol brings to a run, anew for each run.
 *
 * @param <S> the type of the services
 * @param <G> the type of the groups
 */
@FunctionalInterface
public interface ProtocolRunFactory<S extends FleetService, G extends ServiceGroup<S>> {

	/**
	 * Makes what the protocol brings.
	 * @param loops gives it event loops
	 * @param handlerExecutor runs handlers and hooks
	 * @param handlerThreads how many of them it runs at once, or 0 if it is the user's,
	 * and that is not known
	 * @param availabilityChanged to be told of a service, by any thread, when its
	 * availability has changed
	 * @return the runtime, without services
	 */
	ProtocolRun<S, G> create(SharedEventLoops loops, Executor handlerExecutor, int handlerThreads,
			Consumer<S> availabilityChanged);

}
