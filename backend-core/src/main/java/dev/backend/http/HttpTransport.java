package dev.backend.http;

import java.time.Duration;

import dev.backend.ServiceConfig;
import dev.backend.transport.EventLoops;
import dev.backend.transport.PeerVerifyingContext;
import dev.backend.transport.PlainWords;
import dev.backend.transport.SharedEventLoops;
import dev.backend.transport.SingleUseHttpClient;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClient;
import reactor.netty.tcp.TcpClient;

/**
 * The event loops of a backend and the clients that make its probes. Each probe has a
 * connection of its own, which is closed when it ends: a kept one would tell nothing of
 * whether the instance takes new ones.
 */
final class HttpTransport {

	/** Probes go on while all is well: an outage of DNS must not end that. */
	private static final Duration LONGEST_USE_OF_ADDRESSES = Duration.ofSeconds(30);

	private final EventLoops loops;

	private final TcpClient tcp;

	private final HttpClient http;

	private final @Nullable HttpTls tls;

	HttpTransport(SharedEventLoops loops, Duration probeTimeout, @Nullable HttpTls tls) {
		this.loops = loops.acquire(probeTimeout, LONGEST_USE_OF_ADDRESSES);
		this.tls = tls;
		// In this order, since runOn keeps a resolver of its own otherwise, and the
		// loops.
		this.tcp = TcpClient.newConnection().resolver(this.loops.nameResolution()).runOn(this.loops.resources());
		this.http = SingleUseHttpClient.create(this.loops)
			.headers((headers) -> headers.set("User-Agent", "backend-probe"));
	}

	EventLoop nextLoop() {
		return this.loops.next();
	}

	/**
	 * Probes an instance.
	 * @param config the instance
	 * @param settings what it must do, and how long that may take
	 * @return completes if it has done that, on some event loop
	 */
	Mono<Void> probe(ServiceConfig config, HttpSettings settings) {
		Mono<Void> probe = Mono.defer(() -> (settings.probe().path() != null) ? get(config, settings)
				: connect(config).timeout(settings.probeTimeout()));
		return probe.onErrorMap(PlainWords::of);
	}

	private Mono<Void> connect(ServiceConfig config) {
		return this.tcp.host(config.address()).port(config.port()).connect().doOnNext(Connection::dispose).then();
	}

	private Mono<Void> get(ServiceConfig config, HttpSettings settings) {
		HttpProbe probe = settings.probe();
		ProbeTls tls = ProbeTls.of(config);
		return tls.observe(tls.encrypted() ? secure(this.http) : this.http)
			.get()
			.uri(HttpService.uri(config, String.valueOf(probe.path())))
			.response()
			.flatMap((response) -> {
				int status = response.status().code();
				return (status >= probe.lowestStatus() && status <= probe.highestStatus()) ? Mono.<Void>empty() : Mono
					.error(new ProbeFailedException("GET %s: status %d (expected: %d to %d)%s".formatted(probe.path(),
							status, probe.lowestStatus(), probe.highestStatus(), tls.hint(status))));
			})
			.timeout(settings.probeTimeout())
			.onErrorMap(tls::explain);
	}

	private HttpClient secure(HttpClient client) {
		HttpTls tls = this.tls;
		if (tls == null) {
			return client.secure();
		}
		return client.secure(PeerVerifyingContext.provider(tls.context().get(), tls.verifyHostname(), null));
	}

	/** Whether the caller is on one of the event loops. */
	boolean ownsCurrentThread() {
		return this.loops.ownsCurrentThread();
	}

	/**
	 * Ends the event loops, or leaves them to others, and waits for what is done there.
	 */
	void close(Duration timeout) {
		// A probe that was given up may have a connection.
		this.loops.close(true, timeout);
	}

}
