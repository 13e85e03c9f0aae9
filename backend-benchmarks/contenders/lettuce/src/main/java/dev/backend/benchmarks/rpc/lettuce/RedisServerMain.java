package dev.backend.benchmarks.rpc.lettuce;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

import dev.backend.benchmarks.rpc.server.ContenderServer;
import dev.backend.benchmarks.rpc.server.ReceivedCounter;
import redis.embedded.RedisServer;

/**
 * Starts a real Redis server for {@link LettuceContender}.
 */
public final class RedisServerMain {

	private RedisServerMain() {
	}

	/**
	 * Runs the server until the parent process ends.
	 * @param arguments none
	 * @throws Exception if it cannot start
	 */
	public static void main(String[] arguments) throws Exception {
		int port = freePort();
		RedisServer redis = RedisServer.newRedisServer()
			.port(port)
			.setting("bind 127.0.0.1")
			.setting("save \"\"")
			.setting("appendonly no")
			.build();
		redis.start();
		Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(redis)));
		ContenderServer.run(port, new ReceivedCounter());
	}

	private static void stop(RedisServer redis) {
		try {
			redis.stop();
		}
		catch (IOException ex) {
			ex.printStackTrace();
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
