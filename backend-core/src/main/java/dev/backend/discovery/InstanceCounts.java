package dev.backend.discovery;

import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How many entries of a registry were seen, how many of them are used, and why the others
 * are not.
 *
 * @param taken the entries that are used
 * @param leftOut the entries that are not, by reason; none is zero
 */
public record InstanceCounts(int taken, Map<LeftOut, Integer> leftOut) {

	/** No entries. */
	public static final InstanceCounts NONE = new InstanceCounts(0, Map.of());

	/** Copies the map. */
	public InstanceCounts {
		leftOut = Map.copyOf(leftOut);
	}

	/**
	 * Creates the counts of entries that are all used.
	 * @param taken their number
	 * @return the counts
	 */
	public static InstanceCounts of(int taken) {
		return (taken != 0) ? new InstanceCounts(taken, Map.of()) : NONE;
	}

	/**
	 * Returns how many entries there are.
	 * @return those that are used and those that are not
	 */
	public int seen() {
		return this.taken + this.leftOut.values().stream().mapToInt(Integer::intValue).sum();
	}

	/**
	 * Returns how many entries are not used and should be looked at.
	 * @return those that were left out for a reason that is not normal
	 */
	public int refused() {
		return this.leftOut.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().refused())
			.mapToInt(Map.Entry::getValue)
			.sum();
	}

	/**
	 * Returns these counts with more entries that are left out.
	 * @param reason why
	 * @param number how many, zero or more
	 * @return the changed copy
	 */
	public InstanceCounts withLeftOut(LeftOut reason, int number) {
		if (number == 0) {
			return this;
		}
		Map<LeftOut, Integer> sum = new EnumMap<>(LeftOut.class);
		sum.putAll(this.leftOut);
		sum.merge(reason, number, Integer::sum);
		return new InstanceCounts(this.taken, sum);
	}

	/**
	 * Returns these counts with some of the entries that are used left out.
	 * @param reason why
	 * @param number how many, zero or more
	 * @return the changed copy
	 */
	public InstanceCounts without(LeftOut reason, int number) {
		return new InstanceCounts(this.taken - number, this.leftOut).withLeftOut(reason, number);
	}

	/**
	 * Returns the sum of these counts and others.
	 * @param other the others
	 * @return the sum
	 */
	public InstanceCounts plus(InstanceCounts other) {
		InstanceCounts sum = new InstanceCounts(this.taken + other.taken, this.leftOut);
		for (Map.Entry<LeftOut, Integer> entry : other.leftOut.entrySet()) {
			sum = sum.withLeftOut(entry.getKey(), entry.getValue());
		}
		return sum;
	}

	/**
	 * Returns the counts in words.
	 * @return for example {@code 12 seen, 10 taken, 2 left out (1 malformed, 1 not
	 * allowed)}
	 */
	@Override
	public String toString() {
		String counts = "%d seen, %d taken".formatted(seen(), this.taken);
		return this.leftOut.isEmpty() ? counts
				: "%s, %d left out (%s)".formatted(counts, seen() - this.taken, reasons());
	}

	private String reasons() {
		return this.leftOut.entrySet()
			.stream()
			.sorted(Map.Entry.comparingByKey())
			.map((entry) -> entry.getValue() + " " + entry.getKey())
			.collect(Collectors.joining(", "));
	}

}
