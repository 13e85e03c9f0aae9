package dev.backend.benchmarks.fleet;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the figures of the rounds, and prints their medians, the lowest and the
 * highest.
 */
final class FigureTable {

	private final Map<Figure, Map<FleetOptions.Layout, List<Double>>> values = new EnumMap<>(Figure.class);

	void add(FleetOptions.Layout layout, Figure figure, double value) {
		this.values.computeIfAbsent(figure, (key) -> new LinkedHashMap<>())
			.computeIfAbsent(layout, (key) -> new ArrayList<>())
			.add(value);
	}

	void print(PrintStream out) {
		out.println("| figure | fleet | median | lowest–highest | bar |");
		out.println("| --- | --- | ---: | ---: | ---: |");
		this.values.forEach((figure, byLayout) -> byLayout.forEach((layout, values) -> {
			double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
			out.printf("| %s | %s | %s | %s–%s | %s |%n", figure.title(), layout, figure.format(median(sorted)),
					figure.format(sorted[0]), figure.format(sorted[sorted.length - 1]), figure.bar());
		}));
	}

	private static double median(double[] sorted) {
		int middle = sorted.length / 2;
		return (sorted.length % 2 == 1) ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
	}

}
