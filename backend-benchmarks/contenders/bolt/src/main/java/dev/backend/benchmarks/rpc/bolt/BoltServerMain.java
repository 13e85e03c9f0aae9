package dev.backend.benchmarks.rpc.bolt;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

import com.alipay.remoting.BizContext;
import com.alipay.remoting.rpc.RpcServer;
import com.alipay.remoting.rpc.protocol.SyncUserProcessor;
import dev.backend.benchmarks.rpc.server.ContenderServer;
import dev.backend.benchmarks.rpc.server.ReceivedCounter;

/**
 * The server of {@link BoltContender}.
 */
public final class BoltServerMain {

	private BoltServerMain() {
	}

	/**
	 * Runs the server until the parent process ends.
	 * @param arguments none
	 * @throws Exception if it cannot start
	 */
	public static void main(String[] arguments) throws Exception {
		ReceivedCounter counter = new ReceivedCounter();
		int port = freePort();
		RpcServer server = new RpcServer("127.0.0.1", port);
		server.registerUserProcessor(new Echo(counter));
		server.startup();
		ContenderServer.run(port, counter);
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	/*
	 * Bolt does not say whether a request wants a reply; counting all is what the send
	 * work needs, and costs the others next to nothing.
	 */
	private static final class Echo extends SyncUserProcessor<byte[]> {

		private final ReceivedCounter counter;

		Echo(ReceivedCounter counter) {
			this.counter = counter;
		}

		@Override
		public Object handleRequest(BizContext context, byte[] request) {
			this.counter.add(1);
			return request;
		}

		@Override
		public String interest() {
			return byte[].class.getName();
		}

	}

}
