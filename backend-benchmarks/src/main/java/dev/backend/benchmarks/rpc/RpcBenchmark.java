package dev.backend.benchmarks.rpc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The parent process: measures every contender at every work once per round, one client
 * at a time, and prints the table. Within a round the works follow one another, and the
 * contenders of a work directly; every other round takes the contenders in the opposite
 * order.
 */
public final class RpcBenchmark {

	private final Options options;

	private final ResultTable table = new ResultTable();

	private final Map<Work, String> skipped = new EnumMap<>(Work.class);

	private final List<String> failures = new ArrayList<>();

	private RpcBenchmark(Options options) {
		this.options = options;
	}

	/**
	 * Runs the comparison.
	 * @param arguments see {@code --help}
	 * @throws Exception if it cannot run at all
	 */
	public static void main(String[] arguments) throws Exception {
		if (List.of(arguments).contains("--help")) {
			System.out.print(Options.USAGE);
			return;
		}
		new RpcBenchmark(Options.parse(arguments)).run();
	}

	private void run() throws Exception {
		long start = System.nanoTime();
		try (Processes processes = new Processes(this.options)) {
			for (int round = 1; round <= this.options.rounds(); round++) {
				for (Work work : this.options.works()) {
					measure(processes, work, round);
				}
			}
		}
		System.out.printf(
				"%n%d rounds, %d ms warm-up, %d ms measured, driver %s, %d processors, java %s, %s; %d minutes%n%n",
				this.options.rounds(), this.options.warmUpMillis(), this.options.measureMillis(), this.options.driver(),
				Runtime.getRuntime().availableProcessors(), this.options.java(), System.getProperty("os.version"),
				(System.nanoTime() - start) / 60_000_000_000L);
		this.table.print(System.out, this.options.contenders());
		this.table.printPairs(System.out);
		if (this.options.before() != null) {
			System.out.printf("%n%s is %s%n", Contenders.BEFORE, this.options.before());
		}
		this.skipped.forEach((work, reason) -> System.out.printf("%nSKIPPED %s: %s%n", work, reason));
		this.failures.forEach((failure) -> System.out.println("\nFAILED " + failure));
	}

	private void measure(Processes processes, Work work, int round) throws InterruptedException {
		List<ContenderSpec> order = new ArrayList<>(this.options.contenders());
		if (round % 2 == 0) {
			Collections.reverse(order);
		}
		for (ContenderSpec contender : order) {
			if (contender.works().contains(work) && !this.skipped.containsKey(work)) {
				measure(processes, work, contender, round);
			}
		}
	}

	private void measure(Processes processes, Work work, ContenderSpec contender, int round)
			throws InterruptedException {
		try {
			Measurement measurement = processes.measure(contender, work);
			this.table.add(work, contender.name(), round, measurement);
			System.err.printf("round %d, %s, %s: %s%n", round, work, contender.name(), measurement.toLine());
		}
		catch (Processes.SkippedException ex) {
			this.skipped.put(work, String.valueOf(ex.getMessage()));
		}
		catch (IOException ex) {
			String failure = "round %d, %s, %s: %s".formatted(round, work, contender.name(), ex.getMessage());
			this.failures.add(failure);
			System.err.println("FAILED " + failure);
		}
	}

}
