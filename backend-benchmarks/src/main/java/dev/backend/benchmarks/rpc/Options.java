package dev.backend.benchmarks.rpc;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param rounds how often everything is measured
 * @param warmUpMillis how long a client runs before it is measured, to be multiplied by
 * the contender's warm-ups
 * @param measureMillis how long it is measured
 * @param driver who issues the requests of the asynchronous works: {@code thread} or
 * {@code callback}
 * @param works the works
 * @param contenders the contenders; the ceiling is always among them
 * @param before the revision of {@code backend-before}, or {@code null} without it
 * @param java the java command of the children
 * @param jvmArguments further arguments of the children's JVMs
 * @param cores the two cores for works that pin their processes
 * @param module the folder of the module
 */
record Options(int rounds, long warmUpMillis, long measureMillis, String driver, List<Work> works,
		List<ContenderSpec> contenders, @Nullable String before, String java, List<String> jvmArguments,
		List<String> cores, Path module) {

	static final String USAGE = """
			Arguments, all optional:
			  --quick                     one round, 0.5s warm-up, 0.7s measured: a first look, no figures to quote
			  --rounds=5                  how often everything is measured
			  --warm-up=2000              milliseconds before a measurement; four times that for the large libraries
			  --measure=2000              milliseconds of a measurement
			  --driver=thread             who issues asynchronous requests: thread (one, a permit each) or callback
			  --works=async-128,send      some works only
			  --contenders=reactor-netty  some contenders only, beside the ceiling
			  --before=HEAD               compare with this revision of git: enters it as backend-before, beside backend
			                              and the ceiling, and no others that --contenders does not name
			  --java=/path/to/bin/java    the JVM of servers and clients (default: the one this runs on)
			  --jvm=-Xlog:gc              a further argument for those JVMs; may be repeated
			  --cores=0,1                 the cores for works that pin their processes
			  --module=backend-benchmarks the folder of the module
			""";

	static Options parse(String[] arguments) {
		Builder builder = new Builder();
		for (String argument : arguments) {
			int equals = argument.indexOf('=');
			if (equals < 0) {
				builder.set(argument, "");
			}
			else {
				builder.set(argument.substring(0, equals), argument.substring(equals + 1));
			}
		}
		return builder.build();
	}

	private static final class Builder {

		private int rounds = 5;

		private long warmUpMillis = 2000;

		private long measureMillis = 2000;

		private String driver = "thread";

		private List<Work> works = List.of(Work.values());

		private List<String> contenders = List.of();

		private @Nullable String before;

		private String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();

		private final List<String> jvmArguments = new ArrayList<>();

		private List<String> cores = List.of("0", "1");

		private Path module = Path.of("backend-benchmarks");

		private void set(String name, String value) {
			switch (name) {
				case "--quick" -> {
					this.rounds = 1;
					this.warmUpMillis = 500;
					this.measureMillis = 700;
				}
				case "--rounds" -> this.rounds = Integer.parseInt(value);
				case "--warm-up" -> this.warmUpMillis = Long.parseLong(value);
				case "--measure" -> this.measureMillis = Long.parseLong(value);
				case "--driver" -> this.driver = driver(value);
				case "--works" -> this.works = Arrays.stream(value.split(",")).map(Builder::work).toList();
				case "--contenders" -> this.contenders = List.of(value.split(","));
				case "--before" -> this.before = value;
				case "--java" -> this.java = value;
				case "--jvm" -> this.jvmArguments.add(value);
				case "--cores" -> this.cores = List.of(value.split(","));
				case "--module" -> this.module = Path.of(value);
				default -> throw new IllegalArgumentException(name + ": unknown\n" + USAGE);
			}
		}

		private static String driver(String name) {
			if (!name.equals("thread") && !name.equals("callback")) {
				throw new IllegalArgumentException("--driver: " + name + " (expected: thread or callback)");
			}
			return name;
		}

		private static Work work(String name) {
			return Arrays.stream(Work.values())
				.filter((work) -> argument(work).equals(name))
				.findFirst()
				.orElseThrow(() -> new IllegalArgumentException("--works: " + name + " (expected: some of "
						+ Arrays.stream(Work.values()).map(Builder::argument).toList() + ")"));
		}

		private static String argument(Work work) {
			return work.name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

		private List<ContenderSpec> contenders() {
			List<ContenderSpec> known = Contenders.LIST.stream()
				.filter((spec) -> this.before != null || !spec.name().equals(Contenders.BEFORE))
				.toList();
			for (String name : this.contenders) {
				if (known.stream().noneMatch((spec) -> spec.name().equals(name))) {
					throw new IllegalArgumentException("--contenders: " + name + " (expected: some of "
							+ known.stream().map(ContenderSpec::name).toList() + ")");
				}
			}
			return known.stream().filter((spec) -> takesPart(spec.name())).toList();
		}

		private boolean takesPart(String name) {
			if (name.equals(Contenders.CEILING) || this.contenders.contains(name)) {
				return true;
			}
			if (this.before != null) {
				return name.equals(Contenders.BACKEND) || name.equals(Contenders.BEFORE);
			}
			return this.contenders.isEmpty();
		}

		private Options build() {
			return new Options(this.rounds, this.warmUpMillis, this.measureMillis, this.driver, this.works,
					contenders(), this.before, this.java, this.jvmArguments, this.cores, this.module);
		}

	}

}
