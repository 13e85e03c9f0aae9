package dev.backend.benchmarks.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.backend.benchmarks.fleet.FleetOptions.Layout;
import dev.backend.benchmarks.fleet.FleetOptions.Work;
import dev.backend.benchmarks.rpc.JavaCommand;
import dev.backend.benchmarks.rpc.ServerProcess;

/**
 * The parent process: in each round, and for each fleet, starts the instances and an
 * application, asks the application what it takes, and prints the table in the end. The
 * application is measured from within, so neither Redis nor the instances count.
 */
public final class FleetBenchmark {

	private static final String PACKAGE = "dev.backend.benchmarks.";

	private final FleetOptions options;

	private final FigureTable table = new FigureTable();

	/** By whether the earlier revision is measured. */
	private final Map<Boolean, Double> bareHeaps = new HashMap<>();

	private final List<String> failures = new ArrayList<>();

	private FleetBenchmark(FleetOptions options) {
		this.options = options;
	}

	/**
	 * Runs the benchmark. The exit status is 1 if some figures could not be had.
	 * @param arguments see {@code --help}
	 * @throws Exception if it cannot run at all
	 */
	public static void main(String[] arguments) throws Exception {
		if (List.of(arguments).contains("--help")) {
			System.out.print(FleetOptions.USAGE);
			return;
		}
		System.exit(new FleetBenchmark(FleetOptions.parse(arguments)).run() ? 0 : 1);
	}

	private boolean run() throws Exception {
		long start = System.nanoTime();
		Process process = start("contenders/lettuce", "rpc.lettuce.RedisServerMain", "redis", List.of(), List.of());
		try (ServerProcess redis = new ServerProcess(process)) {
			for (int round = 1; round <= this.options.rounds(); round++) {
				for (Layout layout : this.options.layouts()) {
					try {
						measure(redis.port(), layout, round);
					}
					catch (IOException ex) {
						fail("round %d, %s: %s".formatted(round, layout, ex.getMessage()));
					}
				}
			}
		}
		System.out.printf(
				"%n%,d instances, %d rounds, %d s to settle, %d s measured, %d processors, java %s; %d minutes%n%n",
				this.options.instances(), this.options.rounds(), this.options.settleSeconds(), this.options.seconds(),
				Runtime.getRuntime().availableProcessors(), this.options.java(),
				(System.nanoTime() - start) / 60_000_000_000L);
		this.table.print(System.out);
		this.failures.forEach((failure) -> System.out.println("\nFAILED " + failure));
		return this.failures.isEmpty();
	}

	private void fail(String failure) {
		System.err.println("FAILED " + failure);
		this.failures.add(failure);
	}

	/** The live heap of the same application while no instance is there. */
	private double bareHeap(String redisPort, boolean before) throws Exception {
		Double known = this.bareHeaps.get(before);
		if (known != null) {
			return known;
		}
		try (FigureProcess gateway = gateway(redisPort, "nobody", 0, before)) {
			gateway.await("READY");
			TimeUnit.SECONDS.sleep(this.options.settleSeconds());
			double heap = number(gateway.ask("heap", "HEAP"), "bytes");
			this.bareHeaps.put(before, heap);
			return heap;
		}
	}

	private void measure(String redisPort, Layout layout, int round) throws Exception {
		double bare = measures(Work.HEAP) ? bareHeap(redisPort, layout.before()) : Double.NaN;
		List<String> arguments = List.of(redisPort, "fleet", Integer.toString(this.options.instances()),
				Integer.toString(layout.groups()), Boolean.toString(layout.hostile()));
		try (FigureProcess instances = new FigureProcess("instances",
				start("fleet", "fleet.instances.InstancesMain", "instances", List.of(), arguments))) {
			instances.await("REGISTERED");
			try (FigureProcess gateway = gateway(redisPort, "fleet", this.options.instances(), layout.before())) {
				Map<String, Double> ready = gateway.await("READY");
				add(round, layout, Figure.CONTEXT, number(ready, "context"));
				add(round, layout, Figure.READY, number(ready, "ready"));
				if (this.options.works().size() > (measures(Work.READY) ? 1 : 0)) {
					TimeUnit.SECONDS.sleep(this.options.settleSeconds());
					measureReady(gateway, instances, layout, round, bare);
				}
			}
		}
	}

	private void measureReady(FigureProcess gateway, FigureProcess instances, Layout layout, int round, double bare)
			throws Exception {
		if (measures(Work.HEAP)) {
			double added = number(gateway.ask("heap", "HEAP"), "bytes") - bare;
			add(round, layout, Figure.HEAP, added / this.options.instances());
		}
		if (measures(Work.IDLE)) {
			add(round, layout, Figure.IDLE, 100 * number(cpu(gateway), "share"));
		}
		if (measures(Work.CHURN)) {
			instances.ask("replace " + this.options.replaced(), "REPLACED");
			TimeUnit.SECONDS.sleep(this.options.settleSeconds());
			Map<String, Double> before = instances.ask("replace " + this.options.replaced(), "REPLACED");
			Map<String, Double> cpu = cpu(gateway);
			Map<String, Double> replaced = instances.ask("replace 0", "REPLACED");
			add(round, layout, Figure.CHURN, 100 * number(cpu, "share"));
			add(round, layout, Figure.REBUILDS, number(cpu, "rebuilds"));
			add(round, layout, Figure.REPLACED, number(replaced, "count") / this.options.seconds());
			add(round, layout, Figure.DELAY, number(replaced, "delay50"));
			add(round, layout, Figure.SLOWEST, number(replaced, "delay100"));
			add(round, layout, Figure.SENT,
					(number(replaced, "sent") - number(before, "sent")) / 1e6 / this.options.seconds());
			add(round, layout, Figure.ANSWER, number(replaced, "answer100"));
			add(round, layout, Figure.SETTLED, number(gateway.ask("settled", "SETTLED"), "seconds"));
		}
	}

	private Map<String, Double> cpu(FigureProcess gateway) throws IOException {
		return gateway.ask("cpu " + this.options.seconds(), "CPU");
	}

	private FigureProcess gateway(String redisPort, String key, int expected, boolean before) throws IOException {
		return new FigureProcess("gateway", start(before ? "target/fleet-before" : "fleet", "fleet.gateway.GatewayMain",
				"gateway", this.options.jvmArguments(), List.of(redisPort, key, Integer.toString(expected))));
	}

	private Process start(String module, String main, String name, List<String> jvmArguments, List<String> arguments)
			throws IOException {
		Path errors = this.options.module().resolve("target/fleet").resolve(name + ".log");
		return new JavaCommand(this.options.module(), this.options.java(), jvmArguments).start(module, PACKAGE + main,
				null, arguments, errors);
	}

	private boolean measures(Work work) {
		return this.options.works().contains(work);
	}

	private void add(int round, Layout layout, Figure figure, double value) {
		System.err.printf("round %d, %s: %s %s%n", round, layout, figure.title(), figure.format(value));
		this.table.add(layout, figure, value);
	}

	private static double number(Map<String, Double> values, String name) {
		Double value = values.get(name);
		if (value == null) {
			throw new IllegalStateException(name + " is not among " + values);
		}
		return value;
	}

}
