package dev.backend.discovery.consul;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Function;

import javax.net.ssl.SSLContext;

import dev.backend.discovery.FailureText;
import dev.backend.transport.EventLoops;
import dev.backend.transport.SingleUseHttpClient;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Asks one agent over HTTP/1.1, without blocking, on one event loop. An answer is a whole
 * one of the status 200, of at most {@value #MAXIMUM_BODY} bytes, or less where many are
 * large at once; everything else is a {@link ConsulFailure}. When to give up is the
 * caller's to say.
 *
 * <p>
 * Each query has a connection of its own and is sent once. A client that keeps
 * connections sends a query again, unasked, when the kept one turns out to be dead; a
 * long poll that so arrives, with its old index, at an agent that has lost its state, is
 * answered only when the wait is over.
 */
final class ConsulHttp implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ConsulHttp.class);

	static final int MAXIMUM_BODY = 64 * 1024 * 1024;

	private static final long MAXIMUM_OF_ALL = 2L * MAXIMUM_BODY;

	private static final int SHOWN = 1000;

	/** Each question has a connection of its own. */
	private static final Duration LONGEST_USE_OF_ADDRESSES = Duration.ofSeconds(30);

	private final EventLoops loops;

	private final String address;

	private final String source;

	private final @Nullable String token;

	private final HttpClient client;

	private final AnswerMemory memory = new AnswerMemory(MAXIMUM_BODY, MAXIMUM_OF_ALL);

	ConsulHttp(ConsulDiscoverySettings settings) {
		this.loops = EventLoops.of("backend-consul-io", 1, settings.timings().probeTimeout(), LONGEST_USE_OF_ADDRESSES);
		URI agent = settings.access().agent();
		this.address = settings.access().label() + String.valueOf(agent.getRawPath()).replaceAll("/+$", "");
		this.source = settings.source();
		this.token = settings.access().token();
		HttpClient plain = SingleUseHttpClient.create(this.loops)
			.option(ChannelOption.TCP_NODELAY, true)
			.option(ChannelOption.SO_KEEPALIVE, true)
			.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) settings.timings().probeTimeout().toMillis())
			.headers((headers) -> {
				headers.set(HttpHeaderNames.ACCEPT, HttpHeaderValues.APPLICATION_JSON);
				if (this.token != null) {
					headers.set("X-Consul-Token", this.token);
				}
			});
		this.client = "https".equals(agent.getScheme()) ? plain.secure((spec) -> spec.sslContext(tls(settings)))
				: plain;
	}

	/**
	 * Sends a GET for each subscription.
	 * @param path the path, encoded, with its query
	 * @param mapping reads the answer, on the event loop
	 * @return what was read, on the event loop
	 */
	<T> Mono<T> get(String path, Function<Response, T> mapping) {
		return this.client.get()
			.uri(this.address + path)
			.response((response, content) -> read(response, content, mapping))
			.single()
			.onErrorMap(ConsulFailure::of);
	}

	/** Ends the event loop; does not wait for that. */
	@Override
	public void close() {
		this.loops.closeLater();
	}

	private <T> Mono<T> read(HttpClientResponse response, ByteBufFlux content, Function<Response, T> mapping) {
		return Mono.using(this.memory::begin,
				(answer) -> content.asByteArray()
					.collect(() -> answer, AnswerMemory.Answer::append)
					.handle((whole, sink) -> {
						try {
							sink.next(mapping.apply(response(response, whole.whole())));
						}
						catch (RuntimeException ex) {
							sink.error(ex);
						}
						catch (Throwable ex) {
							// Reactor would leave the query without an end.
							logger.error("{}: an answer cannot be read", this.source, ex);
							sink.error(ConsulFailure.refused("an answer cannot be read: " + FailureText.of(ex)));
						}
					}),
				AnswerMemory.Answer::release);
	}

	private Response response(HttpClientResponse response, byte[] body) {
		int status = response.status().code();
		if (status != 200) {
			throw refused(status, new String(body, 0, Math.min(body.length, SHOWN), StandardCharsets.UTF_8));
		}
		boolean leaderKnown = !"false".equals(response.responseHeaders().get("X-Consul-KnownLeader"));
		boolean filtered = "true".equals(response.responseHeaders().get("X-Consul-Results-Filtered-By-ACLs"));
		return new Response(body, response.responseHeaders().get("X-Consul-Index"), leaderKnown, filtered);
	}

	private ConsulFailure refused(int status, String body) {
		String text = (this.token != null) ? body.replace(this.token, "******") : body;
		String said = "%d %s".formatted(status, FailureText.printable(text.strip())).strip();
		if (status == 401 || status == 403) {
			return ConsulFailure
				.refused("denies access (expected: a token with service:read and node:read): answers " + said);
		}
		String message = "answers " + said + " (expected: 200)";
		return isAboutTheQuery(status) ? ConsulFailure.useless(message) : ConsulFailure.refused(message);
	}

	/** Neither too slow nor too often, which the client may do as well. */
	private static boolean isAboutTheQuery(int status) {
		return status >= 300 && status < 500 && status != 408 && status != 429;
	}

	/** reactor-netty adds the check of the host name. */
	private static SslContext tls(ConsulDiscoverySettings settings) {
		SSLContext context = settings.access().sslContextOrDefault();
		return new JdkSslContext(context, true, null, IdentityCipherSuiteFilter.INSTANCE, null, ClientAuth.NONE, null,
				false);
	}

	/**
	 * A whole answer of the status 200.
	 *
	 * @param body the body
	 * @param index the text of the header X-Consul-Index, if there is one
	 * @param leaderKnown whether no header says that the cluster has no leader
	 * @param filtered whether a header says that the token may not see all of it
	 */
	record Response(byte[] body, @Nullable String index, boolean leaderKnown, boolean filtered) {

	}

}
