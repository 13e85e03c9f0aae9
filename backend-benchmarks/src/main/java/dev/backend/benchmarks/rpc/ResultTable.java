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

	private static String row(Work work, String contender, Map<Integer, Measurement> rounds,
			Map<String, TreeMap<Integer, Measurement>> byContender) {
		double[] ratios = ratios(rounds, byContender.getOrDefault(Contenders.CEILING, new TreeMap<>()));
		String ratio = "–";
		String range = "–";
		if (ratios.length > 0) {
			ratio = ratio(median(ratios));
			range = ratio(ratios[0]) + '–' + ratio(ratios[ratios.length - 1]);
		}
		return format("| %s | %s | %s | %s | %s | %s | %s | %s |", work.title(), contender,
				figure(work.unit(), median(rounds, Measurement::value)), ratio, range,
				number("%,.0f", median(rounds, Measurement::bytesPerOperation)),
				number("%.2f", median(rounds, Measurement::cpuMicrosPerOperation)),
				rounds.values().iterator().next().transport());
	}

	private static double[] ratios(Map<Integer, Measurement> rounds, Map<Integer, Measurement> ceiling) {
		List<Double> ratios = new ArrayList<>();
		rounds.forEach((round, measurement) -> {
			Measurement divisor = ceiling.get(round);
			if (divisor != null) {
				ratios.add(measurement.value() / divisor.value());
			}
		});
		return ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
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
