package dev.backend.autoconfigure.support;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import io.netty.channel.Channel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.ssl.SslContext;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

import static org.awaitility.Awaitility.await;

/**
 * A TCP server on a free loopback port that answers each line with the same id, its own
 * id and the text.
 */
public final class EchoServer implements AutoCloseable {

	private final String id;

	private final Set<Channel> channels = ConcurrentHashMap.newKeySet();

	private final DisposableServer server;

	private EchoServer(String id, UnaryOperator<TcpServer> customizer) {
		this.id = id;
		this.server = customizer.apply(TcpServer.create().host("127.0.0.1").port(0))
			.doOnConnection(this::accept)
			.bindNow();
	}

	public static EchoServer start(String id) {
		return new EchoServer(id, UnaryOperator.identity());
	}

	/** Starts a server at another address of the loopback network, and a port. */
	public static EchoServer start(String id, String host, int port) {
		return new EchoServer(id, (server) -> server.host(host).port(port));
	}

	/** Starts a server that speaks TLS with a context for servers. */
	public static EchoServer start(String id, SslContext context) {
		return new EchoServer(id, (server) -> server.secure((spec) -> spec.sslContext(context)));
	}

	private void accept(Connection connection) {
		this.channels.add(connection.channel());
		connection.addHandlerLast(new LineBasedFrameDecoder(65_536));
		connection.outbound()
			.sendString(connection.inbound().receive().asString(StandardCharsets.UTF_8).concatMap(this::reply))
			.then()
			.subscribe(connection.disposeSubscriber());
	}

	private Mono<String> reply(String line) {
		int blank = line.indexOf(' ');
		return Mono.just(line.substring(0, blank) + " " + this.id + ":" + line.substring(blank + 1) + "\n");
	}

	public int port() {
		return this.server.port();
	}

	public int connections() {
		return (int) this.channels.stream().filter(Channel::isActive).count();
	}

	/**
	 * Closes all connections, at least one: a peer is connected before it is accepted.
	 */
	public void disconnectAll() {
		await().until(() -> connections() > 0);
		closeChannels();
	}

	private void closeChannels() {
		// A copy: those that reconnect meanwhile stay.
		List.copyOf(this.channels).forEach((channel) -> channel.close().syncUninterruptibly());
	}

	public ServiceConfig config() {
		return ServiceConfig.tcp("game", this.id, "127.0.0.1", port());
	}

	public DiscoveredInstance instance() {
		return new DiscoveredInstance("game", this.id, "tcp", "127.0.0.1", port(), List.of(), Map.of());
	}

	@Override
	public void close() {
		this.server.disposeNow(Duration.ofSeconds(5));
		closeChannels();
	}

}
