package dev.backend.benchmarks.rpc.backend;

import java.util.concurrent.TimeUnit;

import dev.backend.benchmarks.rpc.client.ContenderClient;

/**
 * The same client, whose blocking callers wait with a time-out of their own beside the
 * request's deadline.
 */
public final class TimedGetContender extends BackendContender {

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new TimedGetContender(), arguments);
	}

	@Override
	public byte[] request(byte[] body) throws Exception {
		return request(body, TIMEOUT).get(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS).body();
	}

}
