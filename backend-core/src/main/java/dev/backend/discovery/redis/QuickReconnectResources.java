package dev.backend.discovery.redis;

import java.util.concurrent.TimeUnit;

import io.lettuce.core.event.EventBus;
import io.lettuce.core.event.EventPublisherOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import io.lettuce.core.resource.DnsResolver;
import io.lettuce.core.resource.DnsResolvers;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.lettuce.core.resource.SocketAddressResolver;
import io.lettuce.core.tracing.Tracing;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.Timer;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;

/**
 * The application's client resources, shared, with another delay between reconnects.
 * {@code ClientResources.mutate()} would not do: the copy claims the shut-down for
 * itself.
 */
final class QuickReconnectResources implements ClientResources {

	private final ClientResources delegate;

	private final Delay reconnectDelay;

	QuickReconnectResources(ClientResources delegate, Delay reconnectDelay) {
		this.delegate = delegate;
		this.reconnectDelay = reconnectDelay;
	}

	@Override
	public Delay reconnectDelay() {
		return this.reconnectDelay;
	}

	@Override
	public Builder mutate() {
		return this.delegate.mutate();
	}

	/** Leaves the shut-down to the owner. */
	@Override
	public Future<Boolean> shutdown() {
		return shutdown(0, 0, TimeUnit.SECONDS);
	}

	/** Leaves the shut-down to the owner. */
	@Override
	public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit timeUnit) {
		return this.delegate.eventExecutorGroup().next().newSucceededFuture(true);
	}

	@Override
	public AddressResolverGroup<?> addressResolverGroup() {
		return this.delegate.addressResolverGroup();
	}

	@Override
	public EventPublisherOptions commandLatencyPublisherOptions() {
		return this.delegate.commandLatencyPublisherOptions();
	}

	@Override
	public CommandLatencyRecorder commandLatencyRecorder() {
		return this.delegate.commandLatencyRecorder();
	}

	@Override
	public int computationThreadPoolSize() {
		return this.delegate.computationThreadPoolSize();
	}

	/** Lettuce 6, that of Spring Boot 4.0, wants this method and does not call it. */
	@SuppressWarnings("deprecation")
	public DnsResolver dnsResolver() {
		return DnsResolvers.UNRESOLVED;
	}

	@Override
	public EventBus eventBus() {
		return this.delegate.eventBus();
	}

	@Override
	public EventLoopGroupProvider eventLoopGroupProvider() {
		return this.delegate.eventLoopGroupProvider();
	}

	@Override
	public EventExecutorGroup eventExecutorGroup() {
		return this.delegate.eventExecutorGroup();
	}

	@Override
	public int ioThreadPoolSize() {
		return this.delegate.ioThreadPoolSize();
	}

	@Override
	public NettyCustomizer nettyCustomizer() {
		return this.delegate.nettyCustomizer();
	}

	@Override
	public SocketAddressResolver socketAddressResolver() {
		return this.delegate.socketAddressResolver();
	}

	@Override
	public Timer timer() {
		return this.delegate.timer();
	}

	@Override
	public Tracing tracing() {
		return this.delegate.tracing();
	}

}
