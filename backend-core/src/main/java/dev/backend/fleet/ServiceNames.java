package dev.backend.fleet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * A set of service names: names, and patterns in which {@code *} stands for any
 * characters, none included. Case and blanks around a name are ignored, as everywhere.
 * Immutable.
 */
public final class ServiceNames implements Predicate<String> {

	/** Every name. */
	public static final ServiceNames ALL = of(List.of("*"));

	private static final char ANY = '*';

	private final Set<String> patterns;

	private final Pattern expression;

	private ServiceNames(Set<String> patterns) {
		this.patterns = patterns;
		this.expression = Pattern.compile(
				patterns.stream().map(ServiceNames::toExpression).collect(Collectors.joining("|")), Pattern.DOTALL);
	}

	/**
	 * What stands between two {@code *} is taken where it comes first, for good: no later
	 * place could be better, and trying them takes long with names made for that.
	 */
	private static String toExpression(String pattern) {
		String[] parts = pattern.split("\\*", -1);
		StringBuilder expression = new StringBuilder(Pattern.quote(parts[0]));
		for (int i = 1; i < parts.length - 1; i++) {
			expression.append("(?>.*?").append(Pattern.quote(parts[i])).append(')');
		}
		if (parts.length > 1) {
			expression.append(".*").append(Pattern.quote(parts[parts.length - 1]));
		}
		return expression.toString();
	}

	/**
	 * Returns a set of names.
	 * @param patterns names and patterns, at least one
	 * @return the set
	 * @throws IllegalArgumentException if there is none, or if one is blank
	 */
	public static ServiceNames of(Collection<String> patterns) {
		Set<String> normal = new TreeSet<>();
		for (String pattern : patterns) {
			String name = ServiceConfig.normalize(pattern);
			if (name.isEmpty()) {
				throw new IllegalArgumentException("services: %s (expected: none is blank)".formatted(patterns));
			}
			normal.add(name);
		}
		if (normal.isEmpty()) {
			throw new IllegalArgumentException("services: none (expected: at least one name or pattern)");
		}
		return new ServiceNames(normal);
	}

	/**
	 * Returns whether a name is in this set.
	 * @param name the name
	 * @return whether it is one of the names or matches one of the patterns
	 */
	@Override
	public boolean test(String name) {
		return this.expression.matcher(ServiceConfig.normalize(name)).matches();
	}

	/**
	 * Finds a name that both this set and another one have.
	 * @param other the other set
	 * @return such a name, a shortest one of two patterns, and so empty where both take
	 * any name; {@code null} if there is none
	 */
	public @Nullable String findCommon(ServiceNames other) {
		for (String mine : this.patterns) {
			for (String others : other.patterns) {
				String common = common(mine, others);
				if (common != null) {
					return common;
				}
			}
		}
		return null;
	}

	/**
	 * What two patterns have in common, from the end on: {@code rows[j]} is a shortest
	 * text that the rest of the one from {@code i} on and the rest of the other from
	 * {@code j} on match.
	 */
	private static @Nullable String common(String one, String other) {
		List<@Nullable String> below = new ArrayList<>();
		for (int i = one.length(); i >= 0; i--) {
			List<@Nullable String> row = new ArrayList<>();
			for (int j = 0; j <= other.length(); j++) {
				row.add(null);
			}
			for (int j = other.length(); j >= 0; j--) {
				row.set(j, common(one, i, other, j, row, below));
			}
			below = row;
		}
		return below.get(0);
	}

	private static @Nullable String common(String one, int i, String other, int j, List<@Nullable String> row,
			List<@Nullable String> below) {
		boolean oneEnds = i == one.length();
		boolean otherEnds = j == other.length();
		if (oneEnds && otherEnds) {
			return "";
		}
		boolean oneAny = !oneEnds && one.charAt(i) == ANY;
		boolean otherAny = !otherEnds && other.charAt(j) == ANY;
		@Nullable String common = null;
		if (oneAny) {
			common = shorter(below.get(j), (otherEnds || otherAny) ? null : before(other.charAt(j), row.get(j + 1)));
		}
		if (otherAny) {
			String skipped = shorter(row.get(j + 1), (oneEnds || oneAny) ? null : before(one.charAt(i), below.get(j)));
			common = shorter(common, skipped);
		}
		if (!oneAny && !otherAny && !oneEnds && !otherEnds && one.charAt(i) == other.charAt(j)) {
			common = before(one.charAt(i), below.get(j + 1));
		}
		return common;
	}

	private static @Nullable String before(char first, @Nullable String rest) {
		return (rest != null) ? first + rest : null;
	}

	private static @Nullable String shorter(@Nullable String one, @Nullable String other) {
		if (one == null || (other != null && other.length() < one.length())) {
			return other;
		}
		return one;
	}

	/**
	 * Returns the names and patterns in order.
	 * @return for example {@code [battle-*, game]}
	 */
	@Override
	public String toString() {
		return this.patterns.toString();
	}

}
