package dev.backend.benchmarks.rpc.client;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.Work;

/**
 * What a client process was told to do: its arguments.
 *
 * @param work the work
 * @param server where the server listens
 * @param control where the server's count can be asked
 * @param warmUpNanos how long to run before measuring
 * @param measureNanos how long to measure
 * @param reissue whether requests in flight are issued again by their callbacks instead
 * of by a thread
 */
record Run(Work work, InetSocketAddress server, InetSocketAddress control, long warmUpNanos, long measureNanos,
		boolean reissue) {

	static Run parse(String[] arguments) {
		if (arguments.length != 6) {
			throw new IllegalArgumentException(
					"expected: work, server port, control port, warm-up and measurement in milliseconds, driver");
		}
		return new Run(Work.valueOf(arguments[0]), loopback(arguments[1]), loopback(arguments[2]), nanos(arguments[3]),
				nanos(arguments[4]), arguments[5].equals("callback"));
	}

	byte[] body() {
		byte[] body = new byte[this.work.bodySize()];
		for (int i = 0; i < body.length; i++) {
			body[i] = (byte) ('a' + i % 26);
		}
		return body;
	}

	private static InetSocketAddress loopback(String port) {
		return new InetSocketAddress("127.0.0.1", Integer.parseInt(port));
	}

	private static long nanos(String millis) {
		return Long.parseLong(millis) * 1_000_000;
	}

}
