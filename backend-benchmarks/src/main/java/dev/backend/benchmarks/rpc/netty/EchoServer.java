package dev.backend.benchmarks.rpc.netty;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.server.ContenderServer;
import dev.backend.benchmarks.rpc.server.ReceivedCounter;
import io.netty.channel.Channel;

/**
 * The server that every contender with a protocol of its own choice talks to. It does as
 * little as an echo server can, so that the client is what is measured.
 */
public final class EchoServer {

	private EchoServer() {
	}

	/**
	 * Runs the server until the parent process ends.
	 * @param arguments none
	 * @throws Exception if it cannot start
	 */
	public static void main(String[] arguments) throws Exception {
		ReceivedCounter counter = new ReceivedCounter();
		Channel channel = new NettyTransport().listen(() -> new EchoHandler(counter));
		ContenderServer.run(((InetSocketAddress) channel.localAddress()).getPort(), counter);
	}

}
