package dev.backend.benchmarks.rpc.netty;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;

/**
 * The ceiling with a {@code CompletableFuture} per request.
 */
public final class NettyFutureContender implements Contender {

	private final NettyTransport transport = new NettyTransport();

	private final FutureConnection connection = new FutureConnection();

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new NettyFutureContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) throws Exception {
		this.transport.connect(server, this.connection);
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		this.connection.request(body).whenComplete(callback);
	}

	@Override
	public byte[] request(byte[] body) {
		return this.connection.request(body).join();
	}

	@Override
	public String transport() {
		return NettyTransport.name();
	}

	@Override
	public void close() {
		this.transport.close();
	}

}
