package dev.backend.benchmarks.rpc;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Collects outcomes by work, contender and round, and prints medians. A ratio is the
 * median of the rounds' ratios: what is divided was measured within a minute, so a
 * machine that becomes slower during a run does not matter.
 */
final class ResultTable {

	private final Map<Work, Map<String, TreeMap<Integer, Measurement>>> results = new EnumMap<>(Work.class);

	void add(Work work, String contender, int round, Measurement measurement) {
		this.results.computeIfAbsent(work, (key) -> new LinkedHashMap<>())
			.computeIfAbsent(contender, (key) -> new TreeMap<>())
			.put(round, measurement);
	}

	void print(PrintStream out, List<ContenderSpec> order) {
		out.println(
				"| work | contender | figure | / ceiling | lowest–highest | client B/op | client CPU µs/op | via |");
		out.println("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |");
		this.results.forEach((work, byContender) -> {
			for (ContenderSpec contender : order) {
				Map<Integer, Measurement> rounds = byContender.get(contender.name());
				if (rounds != null) {
					out.println(row(work, contender.name(), rounds, byContender));
				}
			}
		});
	}

	/**
	 * Prints those that are divided by another than the ceiling, or by another work of
	 * theirs, if any took part.
	 */
	void printPairs(PrintStream out) {
		List<String> rows = new ArrayList<>();
		this.results.forEach((work, byContender) -> {
			for (Contenders.Pair pair : Contenders.PAIRS) {
				Map<Integer, Measurement> rounds = byContender.get(pair.contender());
				Map<Integer, Measurement> divisors = byContender.get(pair.divisor());
				if (rounds != null && divisors != null) {
					rows.add(ratioRow(work, "%s / %s".formatted(pair.contender(), pair.divisor()), rounds, divisors));
				}
			}
		});
		this.results.forEach((work, byContender) -> {
			Work divisor = work.divisor();
			Map<String, TreeMap<Integer, Measurement>> others = (divisor != null) ? this.results.get(divisor) : null;
			if (divisor != null && others != null) {
				byContender.forEach((contender, rounds) -> {
					Map<Integer, Measurement> divisors = others.get(contender);
					if (divisors != null) {
						rows.add(ratioRow(work, "%s / %s".formatted(contender, divisor.title()), rounds, divisors));
					}
				});
			}
		});
		if (!rows.isEmpty()) {
			out.println();
			out.println("| work | ratio | median | lowest–highest | round by round | B/op | B/op of the divisor |");
			out.println("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
			rows.forEach(out::println);
		}
	}

	private static String ratioRow(Work work, String divided, Map<Integer, Measurement> rounds,
			Map<Integer, Measurement> divisors) {
		List<Double> ratios = ratios(rounds, divisors);
		String each = ratios.stream().map(ResultTable::ratio).collect(Collectors.joining(" "));
		return format("| %s%s | %s | %s | %s | %s | %s |", work.title(),
				(work.unit() != Work.Unit.OPERATIONS) ? " (less is better)" : "", divided, medianAndRange(ratios), each,
				bytes(rounds), bytes(divisors));
	}

	private static String row(Work work, String contender, Map<Integer, Measurement> rounds,
			Map<String, TreeMap<Integer, Measurement>> byContender) {
		List<Double> ratios = ratios(rounds, byContender.getOrDefault(Contenders.CEILING, new TreeMap<>()));
		return format("| %s | %s | %s | %s | %s | %s | %s |", work.title(), contender,
				figure(work.unit(), median(rounds, Measurement::value)), medianAndRange(ratios),
				number("%,.0f", median(rounds, Measurement::bytesPerOperation)),
				number("%.2f", median(rounds, Measurement::cpuMicrosPerOperation)),
				rounds.values().iterator().next().transport());
	}

	private static List<Double> ratios(Map<Integer, Measurement> rounds, Map<Integer, Measurement> divisors) {
		List<Double> ratios = new ArrayList<>();
		rounds.forEach((round, measurement) -> {
			Measurement divisor = divisors.get(round);
			if (divisor != null) {
				ratios.add(measurement.value() / divisor.value());
			}
		});
		return ratios;
	}

	private static String medianAndRange(List<Double> ratios) {
		if (ratios.isEmpty()) {
			return "– | –";
		}
		double[] sorted = ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
		return ratio(median(sorted)) + " | " + ratio(sorted[0]) + '–' + ratio(sorted[sorted.length - 1]);
	}

	private static String bytes(Map<Integer, Measurement> rounds) {
		double[] sorted = rounds.values().stream().mapToDouble(Measurement::bytesPerOperation).sorted().toArray();
		if (Double.isNaN(sorted[0])) {
			return "–";
		}
		return format("%,.0f (%,.0f–%,.0f)", median(sorted), sorted[0], sorted[sorted.length - 1]);
	}

	private static String ratio(double value) {
		return format((value < 0.1) ? "%.3f" : "%.2f", value);
	}

	private static String figure(Work.Unit unit, double value) {
		return switch (unit) {
			case OPERATIONS -> format("%,.0f/s", value);
			case MICROSECONDS -> format("%.1f µs", value);
			case BYTES -> format("%,.0f B", value);
		};
	}

	private static double median(Map<Integer, Measurement> rounds, ToDoubleFunction<Measurement> field) {
		return median(rounds.values().stream().mapToDouble(field).sorted().toArray());
	}

	private static double median(double[] sorted) {
		int middle = sorted.length / 2;
		return (sorted.length % 2 == 1) ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
	}

	private static String number(String format, double value) {
		return Double.isNaN(value) ? "–" : format(format, value);
	}

	private static String format(String format, Object... arguments) {
		return String.format(Locale.ROOT, format, arguments);
	}

}
