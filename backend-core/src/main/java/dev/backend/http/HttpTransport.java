package dev.backend.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.backend.ServiceConfig;
import dev.backend.fleet.FleetTransport;
import dev.backend.transport.PeerVerifyingContext;
import dev.backend.transport.PlainFailure;
import dev.backend.transport.SingleUseHttpClient;
import dev.backend.transport.TlsFailure;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.SslProvider;
import reactor.netty.tcp.TcpClient;

/**
 * The event loops of a backend and the clients that make its probes. Each probe has a
 * connection of its own, which is closed when it ends: a kept one would tell nothing of
 * whether the instance takes new ones.
 */
final class HttpTransport implements FleetTransport {

	/** So long a peer that reads nothing may hold up the closing of its connection. */
	private static final Duration CLOSE_NOTIFY_TIMEOUT = Duration.ofMillis(500);

	private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

	private final LoopResources resources;

	private final EventLoopGroup group;

	private final Map<String, HttpCounters> counters = new ConcurrentHashMap<>();

	private final TcpClient tcp;

	private final HttpClient http;

	private final @Nullable HttpTls tls;

	HttpTransport(String name, int eventLoops, @Nullable HttpTls tls) {
		this.resources = LoopResources.create(name + "-io", eventLoops, true);
		this.group = this.resources.onClient(true);
		this.tls = tls;
		this.tcp = TcpClient.newConnection().runOn(this.resources);
		this.http = SingleUseHttpClient.create(this.resources)
			.headers((headers) -> headers.set("User-Agent", "backend-probe"));
	}

	/** The counters of a service name; they outlive its group. */
	HttpCounters counters(String name) {
		return this.counters.computeIfAbsent(name, (key) -> new HttpCounters());
	}

	EventLoop nextLoop() {
		return this.group.next();
	}

	/**
	 * Probes an instance.
	 * @param config the instance
	 * @param settings what it must do, and how long that may take
	 * @return completes if it has done that, on some event loop
	 */
	Mono<Void> probe(ServiceConfig config, HttpSettings settings) {
		Mono<Void> probe = Mono
			.defer(() -> (settings.probe().path() != null) ? get(config, settings.probe()) : connect(config));
		return probe.onErrorMap(PlainFailure::of).timeout(settings.probeTimeout());
	}

	private Mono<Void> connect(ServiceConfig config) {
		return this.tcp.host(config.address()).port(config.port()).connect().doOnNext(Connection::dispose).then();
	}

	private Mono<Void> get(ServiceConfig config, HttpProbe probe) {
		boolean https = config.scheme().equals("https");
		return (https ? secure(this.http) : this.http).get()
			.uri(HttpService.uri(config, String.valueOf(probe.path())))
			.response()
			.flatMap((response) -> {
				int status = response.status().code();
				return (status >= probe.lowestStatus() && status <= probe.highestStatus()) ? Mono.<Void>empty()
						: Mono.error(new ProbeFailedException("GET %s: status %d (expected: %d to %d)"
							.formatted(probe.path(), status, probe.lowestStatus(), probe.highestStatus())));
			})
			.onErrorMap((failure) -> https ? TlsFailure.explain(failure, config) : failure);
	}

	/** The handshake needs no time-out of its own: that of the probe includes it. */
	private HttpClient secure(HttpClient client) {
		HttpTls tls = this.tls;
		if (tls == null) {
			return client.secure();
		}
		SslContext context = new PeerVerifyingContext(tls.context().get(), tls.verifyHostname(), null);
		return client.secure(SslProvider.builder()
			.sslContext(context)
			.handshakeTimeout(Duration.ZERO)
			.closeNotifyFlushTimeout(CLOSE_NOTIFY_TIMEOUT)
			.build());
	}

	@Override
	public boolean ownsCurrentThread() {
		for (EventExecutor loop : this.group) {
			if (loop.inEventLoop()) {
				return true;
			}
		}
		return false;
	}

	@Override
	public void close(boolean channelsOpen, Duration timeout) {
		// A future, because giving up the wait must not cancel the disposal.
		this.resources.disposeLater(QUIET_PERIOD, timeout)
			.toFuture()
			.orTimeout(timeout.toMillis() + 1000, TimeUnit.MILLISECONDS)
			.join();
	}

}
