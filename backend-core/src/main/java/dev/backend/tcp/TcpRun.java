package dev.backend.tcp;

import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.fleet.ProtocolRun;
import dev.backend.routing.ConsistentHash;
import org.jspecify.annotations.Nullable;

/**
 * What TCP brings to a run of a backend.
 *
 * @param <M> the type of the messages
 */
final class TcpRun<M> implements ProtocolRun<TcpService<M>, TcpGroup<M>> {

	private final ConsistentHash algorithm;

	private final TcpContext<M> context;

	private final LinkSender<M> sender;

	private final TcpTransport transport;

	private final TcpRuntime<M> runtime;

	private final Consumer<TcpService<M>> availabilityChanged;

	TcpRun(ConsistentHash algorithm, TcpContext<M> context, TcpHooks<M> hooks, TcpTransport transport,
			TcpHandlers handlers, Consumer<TcpService<M>> availabilityChanged) {
		this.algorithm = algorithm;
		this.context = context;
		this.sender = new LinkSender<>(context, hooks);
		this.transport = transport;
		this.runtime = new TcpRuntime<>(context, transport, handlers);
		this.availabilityChanged = availabilityChanged;
	}

	@Override
	public TcpGroup<M> newGroup(String name) {
		return new TcpGroup<>(name, this.algorithm, this.context);
	}

	@Override
	public TcpService<M> newService(TcpGroup<M> group, ServiceConfig config, @Nullable Object info) {
		return new TcpService<>(config, info, this.runtime, this.sender, this.availabilityChanged);
	}

	@Override
	public RemovalMode removalMode() {
		return this.context.settings().removal();
	}

	@Override
	public Duration drainTimeout() {
		return this.context.settings().timings().drainTimeout();
	}

	@Override
	public Duration tickInterval() {
		return this.context.settings().timings().tickInterval();
	}

	@Override
	public void retain(Set<String> names) {
		this.context.retain(names);
	}

	@Override
	public boolean ownsCurrentThread() {
		return this.transport.ownsCurrentThread();
	}

	@Override
	public void close(boolean channelsOpen, Duration timeout) {
		this.transport.close(channelsOpen, timeout);
	}

}
