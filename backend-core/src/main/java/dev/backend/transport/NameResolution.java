package dev.backend.transport;

import java.net.InetAddress;
import java.nio.file.Path;
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

/**
 * Finds the addresses of host names on the event loops of a backend: the hosts file, then
 * DNS. The resolver of the JDK would block the loop.
 *
 * <p>
 * Whoever connects because the address known so far has failed wants nothing kept from
 * one attempt to the next, not even for the time to live of a record: such attempts are
 * bounded and backed off anyway, and those of one moment for one name share a query.
 * Whoever asks again and again, also while all is well, has what was found kept for as
 * long as the record lives, so that an outage of DNS is not taken for one of the peer.
 */
public final class NameResolution extends DnsAddressResolverGroup {

	/** So that a second and a third name server are asked within the connect time-out. */
	private static final int QUERIES_PER_CONNECT_TIMEOUT = 4;

	private final HostsFile hostsFile;

	private NameResolution(DnsNameResolverBuilder builder, HostsFile hostsFile) {
		super(builder);
		this.hostsFile = hostsFile;
	}

	/**
	 * Creates a resolver that asks the hosts file and name servers of the system.
	 * @param resources make its channels
	 * @param group the event loops
	 * @param connectTimeout how long an attempt to connect may take, the look-up included
	 * @param longestUse how long what was found is used again at most; in whole seconds,
	 * zero for never
	 * @return the resolver; to be closed with the event loops
	 */
	static NameResolution of(LoopResources resources, EventLoopGroup group, Duration connectTimeout,
			Duration longestUse) {
		return new NameResolution(builder(resources, group, connectTimeout, longestUse), HostsFile.ofSystem());
	}

	/**
	 * Creates a resolver with another hosts file and other name servers, which keeps
	 * nothing.
	 * @param resources make its channels
	 * @param group the event loops
	 * @param connectTimeout how long an attempt to connect may take, the look-up included
	 * @param hostsFile the hosts file, which need not exist
	 * @param nameServers the name servers
	 * @return the resolver; to be closed with the event loops
	 */
	public static NameResolution of(LoopResources resources, EventLoopGroup group, Duration connectTimeout,
			Path hostsFile, DnsServerAddressStreamProvider nameServers) {
		return of(resources, group, connectTimeout, Duration.ZERO, hostsFile, nameServers);
	}

	static NameResolution of(LoopResources resources, EventLoopGroup group, Duration connectTimeout,
			Duration longestUse, Path hostsFile, DnsServerAddressStreamProvider nameServers) {
		DnsNameResolverBuilder builder = builder(resources, group, connectTimeout, longestUse);
		return new NameResolution(builder.nameServerProvider(nameServers), new HostsFile(hostsFile));
	}

	private static DnsNameResolverBuilder builder(LoopResources resources, EventLoopGroup group,
			Duration connectTimeout, Duration longestUse) {
		DnsNameResolverBuilder builder = new DnsNameResolverBuilder()
			.datagramChannelFactory(() -> resources.onChannel(DatagramChannel.class, group))
			.socketChannelFactory(() -> resources.onChannel(SocketChannel.class, group))
			.queryTimeoutMillis(Math.max(1, connectTimeout.toMillis() / QUERIES_PER_CONNECT_TIMEOUT));
		return longestUse.isZero()
				? builder.resolveCache(NoopDnsCache.INSTANCE)
					.cnameCache(NoopDnsCnameCache.INSTANCE)
					.authoritativeDnsServerCache(NoopAuthoritativeDnsServerCache.INSTANCE)
				: builder.ttl(0, (int) longestUse.toSeconds()).negativeTtl(0);
	}

	@Override
	protected NameResolver<InetAddress> newNameResolver(EventLoop eventLoop,
			ChannelFactory<? extends DatagramChannel> channelFactory, DnsServerAddressStreamProvider nameServers)
			throws Exception {
		return new HostsFileResolver(eventLoop, this.hostsFile,
				super.newNameResolver(eventLoop, channelFactory, nameServers));
	}

}
