package dev.backend.benchmarks.rpc.client;

import dev.backend.benchmarks.rpc.Measurement;
import dev.backend.benchmarks.rpc.Work;

/**
 * The body of every contender's {@code main}: runs one work and prints one line.
 */
public final class ContenderClient {

	private ContenderClient() {
	}

	/**
	 * Runs one work against a contender, prints its line and ends the process.
	 * @param contender the contender
	 * @param arguments the arguments of the process
	 */
	public static void run(Contender contender, String[] arguments) {
		try {
			Run run = Run.parse(arguments);
			if (run.work().kind() == Work.Kind.BLOCKING_VIRTUAL && Runtime.version().feature() < 21) {
				System.out.println(Measurement.skipped("virtual threads need Java 21 or newer (this is Java %d)"
					.formatted(Runtime.version().feature())));
				System.exit(0);
			}
			Measurement measurement = driver(run).drive(contender, run);
			System.out.println(measurement.toLine());
			System.out.flush();
			contender.close();
			System.exit(0);
		}
		catch (Throwable ex) {
			ex.printStackTrace();
			System.exit(1);
		}
	}

	private static Driver driver(Run run) {
		return switch (run.work().kind()) {
			case ASYNC -> run.reissue() ? new ReissueDriver() : new AsyncDriver();
			case BLOCKING -> new BlockingDriver(CallerThreads.platform());
			case BLOCKING_VIRTUAL -> new BlockingDriver(CallerThreads.virtual());
			case LATENCY -> new LatencyDriver();
			case SEND -> new SendDriver();
			case BROADCAST -> new BroadcastDriver();
			case IDLE -> new IdleDriver();
		};
	}

}
