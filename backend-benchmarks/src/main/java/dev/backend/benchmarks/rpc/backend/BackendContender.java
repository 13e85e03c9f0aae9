package dev.backend.benchmarks.rpc.backend;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.Route;
import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import dev.backend.routing.ConsistentHash;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/**
 * This library through its public API, with its defaults: bounds, time-outs, counters and
 * ordering are on. A request looks its service up by a key and has a deadline.
 */
public class BackendContender implements Contender {

	/** The deadline of a request. */
	protected static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

	private static final Route ROUTE = Route.hash("user-1");

	private final AtomicLong ids = new AtomicLong();

	private @Nullable TcpBackend<EchoMessage> backend;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new BackendContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) throws Exception {
		connectMany(server, 1);
	}

	@Override
	public void connectMany(InetSocketAddress server, int count) throws Exception {
		use(start(server, count));
	}

	@Override
	public void connectIdle(InetSocketAddress server, int count) throws Exception {
		use(start(server, count, new NoHash()));
	}

	/**
	 * Starts the client; it need not be connected yet.
	 * @param server the server of all instances
	 * @param count the number of instances
	 * @return the client
	 */
	protected TcpBackend<EchoMessage> start(InetSocketAddress server, int count) {
		return start(server, count, ConsistentHash.balanced());
	}

	private static TcpBackend<EchoMessage> start(InetSocketAddress server, int count, ConsistentHash consistentHash) {
		TcpBackend<EchoMessage> backend = TcpBackend.builder()
			.discovery(new FixedDiscovery(server, count))
			.consistentHash(consistentHash)
			.build(new EchoCodec(), new TcpHandler<>() {
			});
		backend.start();
		return backend;
	}

	private void use(TcpBackend<EchoMessage> backend) throws InterruptedException {
		if (!backend.awaitReady(CONNECT_TIMEOUT)) {
			throw new IllegalStateException("not connected within " + CONNECT_TIMEOUT);
		}
		this.backend = backend;
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		request(body, TIMEOUT)
			.whenComplete((reply, failure) -> callback.accept((reply != null) ? reply.body() : null, failure));
	}

	@Override
	public byte[] request(byte[] body) throws Exception {
		return request(body, TIMEOUT).join().body();
	}

	/**
	 * Makes a request.
	 * @param body the body
	 * @param timeout its deadline
	 * @return the reply
	 */
	protected final CompletableFuture<EchoMessage> request(byte[] body, Duration timeout) {
		return backend().request("echo", ROUTE, new EchoMessage(this.ids.incrementAndGet(), body), timeout);
	}

	@Override
	public void send(byte[] body) {
		backend().send("echo", ROUTE, new EchoMessage(0, body));
	}

	@Override
	public void broadcast(byte[] body) {
		backend().broadcast("echo", new EchoMessage(0, body));
	}

	@Override
	public String transport() {
		return LoopResources.hasNativeSupport() ? "epoll" : "nio";
	}

	@Override
	public void close() {
		backend().close();
	}

	private TcpBackend<EchoMessage> backend() {
		TcpBackend<EchoMessage> backend = this.backend;
		if (backend == null) {
			throw new IllegalStateException("not connected");
		}
		return backend;
	}

}
