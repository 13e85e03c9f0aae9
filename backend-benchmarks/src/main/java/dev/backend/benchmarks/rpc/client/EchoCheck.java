package dev.backend.benchmarks.rpc.client;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes sure before a measurement that a contender does its work: requests with different
 * bodies from several threads at once must each get their own body back.
 */
final class EchoCheck {

	private static final int THREADS = 8;

	private static final int REQUESTS = 50;

	private EchoCheck() {
	}

	static void check(Contender contender, int bodySize) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(THREADS);
		try {
			List<Callable<Void>> callers = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				int caller = i;
				callers.add(() -> call(contender, bodySize, caller));
			}
			for (Future<Void> outcome : executor.invokeAll(callers)) {
				outcome.get();
			}
		}
		finally {
			executor.shutdown();
		}
	}

	@SuppressWarnings("NullAway") // the result of a Callable<Void>
	private static Void call(Contender contender, int bodySize, int caller) throws Exception {
		for (int i = 0; i < REQUESTS; i++) {
			byte[] body = new byte[bodySize];
			Arrays.fill(body, (byte) (caller * REQUESTS + i));
			body[0] = (byte) caller;
			byte[] reply = contender.request(body);
			if (!Arrays.equals(body, reply)) {
				throw new IllegalStateException(
						"request %d of thread %d got another body back (%d bytes)".formatted(i, caller, reply.length));
			}
		}
		return null;
	}

}
