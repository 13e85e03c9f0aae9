package dev.backend.benchmarks.fleet;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The command line.
 *
 * @param rounds how often everything is measured
 * @param instances the number of instances
 * @param layouts over how many groups they are spread, and with whom
 * @param settleSeconds how long the application runs before it is measured
 * @param seconds how long its CPU time is measured
 * @param replaced how many instances are replaced a second
 * @param works what is measured
 * @param java the java command of the children
 * @param jvmArguments further arguments of the application's JVM
 * @param module the folder of the module
 */
record FleetOptions(int rounds, int instances, List<Layout> layouts, int settleSeconds, int seconds, double replaced,
		Set<Work> works, String java, List<String> jvmArguments, Path module) {

	static final String USAGE = """
			Arguments, all optional:
			  --quick              one round, 5 s to settle, 10 s measured: a first look, no figures to quote
			  --rounds=3           how often everything is measured
			  --instances=10000    the instances of the fleet
			  --groups=1,100       over how many groups they are spread; all numbers are measured
			  --hostile=both       whether there are hostile entries among them: with, without or both
			  --settle=20          seconds before a measurement
			  --seconds=60         seconds of a measurement of CPU time
			  --replaced=50        instances that are replaced a second in the work churn
			  --before=HEAD        measure the library of this revision of git, too, each fleet directly before today's
			  --only=heap,churn    some works only: ready, heap, idle, churn
			  --java=/path/to/bin/java    the JVM of all processes (default: the one this runs on)
			  --jvm=-XX:...        a further argument of the application's JVM; may be repeated
			  --module=backend-benchmarks the folder of the module
			""";

	static FleetOptions parse(String[] arguments) {
		Builder builder = new Builder();
		for (String argument : arguments) {
			int equals = argument.indexOf('=');
			builder.set((equals < 0) ? argument : argument.substring(0, equals),
					(equals < 0) ? "" : argument.substring(equals + 1));
		}
		return builder.build();
	}

	/** What is measured. */
	enum Work {

		/** The time from the start of the context until all are ready. */
		READY,

		/** The heap per instance. */
		HEAP,

		/** The CPU time while nothing changes. */
		IDLE,

		/** The CPU time while instances are replaced. */
		CHURN

	}

	/**
	 * A fleet.
	 *
	 * @param groups over how many groups the instances are spread
	 * @param hostile whether there are hostile entries among them
	 * @param before whether the earlier revision is measured with it
	 */
	record Layout(int groups, boolean hostile, boolean before) {

		@Override
		public String toString() {
			return ((this.groups == 1) ? "one group" : this.groups + " groups") + (this.hostile ? ", hostile" : "")
					+ (this.before ? ", before" : "");
		}

	}

	private static final class Builder {

		private int rounds = 3;

		private int instances = 10_000;

		private List<Integer> groups = List.of(1, 100);

		private List<Boolean> hostile = List.of(false, true);

		private List<Boolean> before = List.of(false);

		private int settleSeconds = 20;

		private int seconds = 60;

		private double replaced = 50;

		private Set<Work> works = EnumSet.allOf(Work.class);

		private String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();

		private final List<String> jvmArguments = new ArrayList<>();

		private Path module = Path.of("backend-benchmarks");

		private void set(String name, String value) {
			switch (name) {
				case "--quick" -> {
					this.rounds = 1;
					this.settleSeconds = 5;
					this.seconds = 10;
				}
				case "--rounds" -> this.rounds = Integer.parseInt(value);
				case "--instances" -> this.instances = Integer.parseInt(value);
				case "--groups" -> this.groups = Arrays.stream(value.split(",")).map(Integer::valueOf).toList();
				case "--hostile" -> this.hostile = hostile(value);
				case "--before" -> this.before = List.of(true, false);
				case "--settle" -> this.settleSeconds = Integer.parseInt(value);
				case "--seconds" -> this.seconds = Integer.parseInt(value);
				case "--replaced" -> this.replaced = Double.parseDouble(value);
				case "--only" ->
					this.works = Arrays.stream(value.split(",")).map(Builder::work).collect(Collectors.toSet());
				case "--java" -> this.java = value;
				case "--jvm" -> this.jvmArguments.add(value);
				case "--module" -> this.module = Path.of(value);
				default -> throw new IllegalArgumentException(name + ": unknown\n" + USAGE);
			}
		}

		private static List<Boolean> hostile(String value) {
			return switch (value) {
				case "with" -> List.of(true);
				case "without" -> List.of(false);
				case "both" -> List.of(false, true);
				default ->
					throw new IllegalArgumentException("--hostile: " + value + " (expected: with, without or both)");
			};
		}

		private static Work work(String name) {
			return Arrays.stream(Work.values())
				.filter((work) -> work.name().toLowerCase(Locale.ROOT).equals(name))
				.findFirst()
				.orElseThrow(() -> new IllegalArgumentException(
						"--only: " + name + " (expected: some of ready, heap, idle, churn)"));
		}

		private FleetOptions build() {
			List<Layout> layouts = new ArrayList<>();
			for (boolean with : this.hostile) {
				for (int number : this.groups) {
					this.before.forEach((earlier) -> layouts.add(new Layout(number, with, earlier)));
				}
			}
			return new FleetOptions(this.rounds, this.instances, layouts, this.settleSeconds, this.seconds,
					this.replaced, this.works, this.java, this.jvmArguments, this.module);
		}

	}

}
