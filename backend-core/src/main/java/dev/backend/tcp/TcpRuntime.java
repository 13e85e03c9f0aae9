package dev.backend.tcp;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

import dev.backend.execution.PermitGate;
import io.netty.channel.EventLoop;

/**
 * What the services of one backend share while it runs.
 *
 * @param <M> the type of the messages
 */
final class TcpRuntime<M> {

	private final TcpContext<M> context;

	private final TcpTransport transport;

	private final Executor handlerExecutor;

	private final PermitGate dials;

	private final Map<EventLoop, LivenessCheck> livenessChecks = new ConcurrentHashMap<>();

	TcpRuntime(TcpContext<M> context, TcpTransport transport, TcpHandlers handlers) {
		this.context = context;
		this.transport = transport;
		this.handlerExecutor = handlers.executor();
		int dials = context.settings().limits().concurrentDials();
		this.dials = new PermitGate((dials > 0) ? dials : handlers.concurrentDials());
	}

	TcpContext<M> context() {
		return this.context;
	}

	TcpTransport transport() {
		return this.transport;
	}

	Executor handlerExecutor() {
		return this.handlerExecutor;
	}

	/** Bounds how many dials and logins there are at once. */
	PermitGate dials() {
		return this.dials;
	}

	/** The check of an event loop. To be used on that loop only. */
	LivenessCheck liveness(EventLoop loop) {
		return this.livenessChecks.computeIfAbsent(loop,
				(key) -> new LivenessCheck(key, () -> this.context.settings().liveness(), System::nanoTime));
	}

}
