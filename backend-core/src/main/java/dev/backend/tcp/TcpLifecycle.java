package dev.backend.tcp;

import java.time.Duration;

import dev.backend.BackendListener;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.codec.MessageCodec;
import dev.backend.fleet.FleetBuilder;
import dev.backend.fleet.FleetLifecycle;
import dev.backend.routing.ConsistentHash;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a {@link TcpBackend}.
 *
 * @param <M> the type of the messages
 */
final class TcpLifecycle<M> extends FleetLifecycle<TcpService<M>, TcpGroup<M>> {

	private final ConsistentHash algorithm;

	private final TcpRuntime<M> runtime;

	TcpLifecycle(FleetBuilder<?> builder, TcpTransport transport, TcpSettings settings, ConsistentHash algorithm,
			BackendListener listener, MessageCodec<M> codec, TcpHandler<M> handler) {
		super(builder, transport, listener);
		this.algorithm = algorithm;
		this.runtime = new TcpRuntime<>(codec, handler, listener, handlerExecutor(), transport, settings,
				fleet()::availabilityChanged);
	}

	TcpRuntime<M> runtime() {
		return this.runtime;
	}

	@Override
	protected void start() {
		super.start();
		every(this.runtime.settings().timings().tickInterval(), TcpService::tick);
	}

	@Override
	protected Duration drainTimeout() {
		return this.runtime.settings().timings().drainTimeout();
	}

	@Override
	public TcpGroup<M> newGroup(String name) {
		return new TcpGroup<>(name, this.algorithm, this.runtime);
	}

	@Override
	public TcpService<M> newService(TcpGroup<M> group, ServiceConfig config, @Nullable Object info) {
		return new TcpService<>(config, info, this.runtime);
	}

	@Override
	public RemovalMode removalMode() {
		return this.runtime.settings().removal();
	}

}
