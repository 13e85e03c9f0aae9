package dev.backend.discovery.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.backend.settings.DurationText;
import dev.backend.transport.EventLoops;
import io.netty.channel.AddressedEnvelope;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;

/**
 * Asks name servers, without blocking, on one event loop: over UDP, and over TCP where an
 * answer is cut. Keeps nothing. Each question has a port of its own, so that its answer
 * is hard to forge.
 */
final class DnsClient implements AutoCloseable {

	private static final int ATTEMPTS = 3;

	private final EventLoops loops;

	private final DnsServerAddressStreamProvider nameServers;

	private final DnsNameResolver resolver;

	private volatile boolean closed;

	/** When something was asked last. */
	private volatile long askedAt;

	DnsClient(DnsDiscoverySettings settings) {
		this.loops = EventLoops.of("backend-dns-io", 1, settings.responseTimeout(), Duration.ZERO);
		this.nameServers = settings.nameServers().isEmpty() ? DnsServerAddressStreamProviders.platformDefault()
				: new SequentialDnsServerAddressStreamProvider(settings.nameServers());
		this.resolver = new DnsNameResolverBuilder(this.loops.next())
			.datagramChannelFactory(() -> this.loops.resources().onChannel(DatagramChannel.class, this.loops.group()))
			.socketChannelFactory(() -> this.loops.resources().onChannel(SocketChannel.class, this.loops.group()))
			.datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
			.nameServerProvider(this.nameServers)
			// With TCP. The last attempt ends before the read is given up.
			.queryTimeoutMillis(Math.max(1, settings.responseTimeout().toMillis() / (ATTEMPTS + 1)))
			.build();
		this.askedAt = System.nanoTime() - TimeUnit.DAYS.toNanos(1);
	}

	/**
	 * Asks for all records of a service.
	 * @param service the service
	 * @return what is completed, on the event loop, with the whole answer or a failure
	 */
	CompletableFuture<DnsAnswer> ask(DnsService service) {
		CompletableFuture<DnsAnswer> all = CompletableFuture.completedFuture(DnsAnswer.NONE);
		for (DnsRecordType type : service.records().types()) {
			all = all.thenCombine(ask(service, new DefaultDnsQuestion(service.host(), type),
					this.nameServers.nameServerAddressStream(service.host()), ATTEMPTS), DnsAnswer::plus);
		}
		return all;
	}

	private CompletableFuture<DnsAnswer> ask(DnsService service, DnsQuestion question, DnsServerAddressStream servers,
			int attempts) {
		CompletableFuture<DnsAnswer> answer = new CompletableFuture<>();
		InetSocketAddress server = servers.next();
		this.askedAt = System.nanoTime();
		// An event loop that ends tells nobody, and what it has received would not be
		// released.
		Promise<AddressedEnvelope<? extends DnsResponse, InetSocketAddress>> asked = ImmediateEventExecutor.INSTANCE
			.newPromise();
		this.resolver.query(server, question, List.of(), asked)
			.addListener((Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> done) -> {
				try {
					answer.complete(read(service, question, done));
				}
				catch (Throwable ex) {
					answer.completeExceptionally(new IOException("%s record of %s from %s"
						.formatted(question.type().name(), service.host(), NetUtil.toSocketAddressString(server)), ex));
				}
			});
		return answer.exceptionallyCompose((failure) -> (attempts > 1 && !this.closed)
				? ask(service, question, servers, attempts - 1) : CompletableFuture.failedFuture(failure));
	}

	private DnsAnswer read(DnsService service, DnsQuestion question,
			Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> done) throws IOException {
		if (done.cause() instanceof DnsNameResolverTimeoutException) {
			throw new IOException(
					"no answer for " + DurationText.of(Duration.ofMillis(this.resolver.queryTimeoutMillis())));
		}
		if (!done.isSuccess()) {
			throw new IOException(done.cause());
		}
		AddressedEnvelope<DnsResponse, InetSocketAddress> envelope = done.getNow();
		try {
			return DnsAnswer.of(service, question, envelope.content());
		}
		finally {
			envelope.release();
		}
	}

	/**
	 * Ends the event loop; does not wait for that. Netty releases an answer that was cut
	 * when its question over TCP has ended, which may be a time-out after ours.
	 */
	@Override
	public void close() {
		this.closed = true;
		long longest = TimeUnit.MILLISECONDS.toNanos(2 * this.resolver.queryTimeoutMillis());
		long rest = longest - (System.nanoTime() - this.askedAt);
		if (rest <= 0) {
			end();
		}
		else {
			this.loops.next().schedule(this::end, rest, TimeUnit.NANOSECONDS);
		}
	}

	private void end() {
		this.resolver.close();
		this.loops.closeLater();
	}

}
