package dev.backend.benchmarks.rpc.dubbo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;

import dev.backend.benchmarks.rpc.server.ContenderServer;
import dev.backend.benchmarks.rpc.server.ReceivedCounter;

/**
 * The server of {@link DubboContender}.
 */
public final class DubboServerMain {

	private DubboServerMain() {
	}

	/**
	 * Runs the server until the parent process ends.
	 * @param arguments none
	 * @throws Exception if it cannot start
	 */
	public static void main(String[] arguments) throws Exception {
		ReceivedCounter counter = new ReceivedCounter();
		int port = freePort();
		new LocalDubbo().export(new Echo(counter), port);
		ContenderServer.run(port, counter);
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	private static final class Echo implements EchoService {

		private final ReceivedCounter counter;

		Echo(ReceivedCounter counter) {
			this.counter = counter;
		}

		@Override
		public byte[] echo(byte[] body) {
			return body;
		}

		@Override
		public CompletableFuture<byte[]> echoLater(byte[] body) {
			return CompletableFuture.completedFuture(body);
		}

		@Override
		public void send(byte[] body) {
			this.counter.add(1);
		}

	}

}
