package dev.backend.tcp;

import java.time.Duration;

import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.NameResolver;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopAuthoritativeDnsServerCache;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import reactor.netty.resources.LoopResources;

import java.net.InetAddress;

/**
 * Finds the addresses of host names on the event loops of a backend: the hosts file, then
 * DNS. Nothing is kept from one attempt to the next, not even for the time to live of a
 * record: an attempt is made because the address known so far has failed, attempts are
 * bounded and backed off anyway, and those of one moment for one name share a query. The
 * resolver of the JDK would block the loop and keep what it found for half a minute.
 */
final class NameResolution extends DnsAddressResolverGroup {

	/** So that a second and a third name server are asked within the connect time-out. */
	private static final int QUERIES_PER_CONNECT_TIMEOUT = 4;

	private final HostsFile hostsFile;

	private NameResolution(DnsNameResolverBuilder builder, HostsFile hostsFile) {
		super(builder);
		this.hostsFile = hostsFile;
	}

	static NameResolution of(LoopResources resources, EventLoopGroup group, Duration connectTimeout) {
		return new NameResolution(builder(resources, group, connectTimeout), HostsFile.ofSystem());
	}

	static NameResolution of(LoopResources resources, EventLoopGroup group, Duration connectTimeout,
			HostsFile hostsFile, DnsServerAddressStreamProvider nameServers) {
		return new NameResolution(builder(resources, group, connectTimeout).nameServerProvider(nameServers), hostsFile);
	}

	private static DnsNameResolverBuilder builder(LoopResources resources, EventLoopGroup group,
			Duration connectTimeout) {
		return new DnsNameResolverBuilder()
			.datagramChannelFactory(() -> resources.onChannel(DatagramChannel.class, group))
			.socketChannelFactory(() -> resources.onChannel(SocketChannel.class, group))
			.queryTimeoutMillis(Math.max(1, connectTimeout.toMillis() / QUERIES_PER_CONNECT_TIMEOUT))
			.resolveCache(NoopDnsCache.INSTANCE)
			.cnameCache(NoopDnsCnameCache.INSTANCE)
			.authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE);
	}

	@Override
	protected NameResolver<InetAddress> newNameResolver(EventLoop eventLoop,
			ChannelFactory<? extends DatagramChannel> channelFactory, DnsServerAddressStreamProvider nameServers)
			throws Exception {
		return new HostsFileResolver(eventLoop, this.hostsFile,
				super.newNameResolver(eventLoop, channelFactory, nameServers));
	}

}
