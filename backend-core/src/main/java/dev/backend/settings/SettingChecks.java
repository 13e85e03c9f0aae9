package dev.backend.settings;

import java.time.Duration;
import java.util.Set;

/**
 * Checks the values of settings, for those who write settings: one rule and one message
 * for each kind of value. Every check returns the value, or throws an
 * {@link InvalidSettingException} that names the setting, the value and what was
 * expected.
 */
public final class SettingChecks {

	private SettingChecks() {
	}

	/**
	 * Returns a number that is at least 1.
	 * @param name the setting
	 * @param value its value
	 * @return the value
	 */
	public static int positive(String name, int value) {
		return require(value >= 1, name, value, "at least 1");
	}

	/**
	 * Returns a duration that is more than zero.
	 * @param name the setting
	 * @param value its value
	 * @return the value
	 */
	public static Duration positive(String name, Duration value) {
		return require(value.compareTo(Duration.ZERO) > 0, name, value, "> 0");
	}

	/**
	 * Returns a duration that is zero or more.
	 * @param name the setting
	 * @param value its value
	 * @return the value
	 */
	public static Duration notNegative(String name, Duration value) {
		return require(!value.isNegative(), name, value, ">= 0");
	}

	/**
	 * Returns a number within bounds.
	 * @param name the setting
	 * @param value its value
	 * @param least the smallest number
	 * @param most the largest number
	 * @return the value
	 */
	public static int inRange(String name, int value, int least, int most) {
		return require(value >= least && value <= most, name, value, "%d to %d".formatted(least, most));
	}

	/**
	 * Returns a duration within bounds.
	 * @param name the setting
	 * @param value its value
	 * @param least the shortest duration
	 * @param most the longest duration
	 * @return the value
	 */
	public static Duration inRange(String name, Duration value, Duration least, Duration most) {
		return require(value.compareTo(least) >= 0 && value.compareTo(most) <= 0, name, value,
				"%s to %s".formatted(text(least), text(most)));
	}

	/**
	 * Returns a duration of 1 ms to 1 day.
	 * @param name the setting
	 * @param value its value
	 * @return the value
	 */
	public static Duration upToOneDay(String name, Duration value) {
		return inRange(name, value, Duration.ofMillis(1), Duration.ofDays(1));
	}

	/**
	 * Returns a duration that is at least as long as that of another setting.
	 * @param name the setting
	 * @param value its value
	 * @param otherName the other setting
	 * @param other the other's value
	 * @return the value
	 */
	public static Duration atLeast(String name, Duration value, String otherName, Duration other) {
		return require(value.compareTo(other) >= 0, name, value, "at least %s, %s".formatted(otherName, text(other)));
	}

	/**
	 * Returns a duration that is longer than that of another setting.
	 * @param name the setting
	 * @param value its value
	 * @param otherName the other setting
	 * @param other the other's value
	 * @return the value
	 */
	public static Duration moreThan(String name, Duration value, String otherName, Duration other) {
		return require(value.compareTo(other) > 0, name, value, "more than %s, %s".formatted(otherName, text(other)));
	}

	/**
	 * Returns a duration that is shorter than that of another setting.
	 * @param name the setting
	 * @param value its value
	 * @param otherName the other setting
	 * @param other the other's value
	 * @return the value
	 */
	public static Duration lessThan(String name, Duration value, String otherName, Duration other) {
		return require(value.compareTo(other) < 0, name, value, "less than %s, %s".formatted(otherName, text(other)));
	}

	/**
	 * Returns names of which none is blank.
	 * @param name the setting
	 * @param values its value
	 * @return an immutable copy
	 */
	public static Set<String> noneBlank(String name, Set<String> values) {
		return Set.copyOf(require(values.stream().noneMatch(String::isBlank), name, values, "no blank name"));
	}

	/**
	 * Returns a value that meets a condition.
	 * @param <T> the type of the value
	 * @param condition the condition
	 * @param name the setting
	 * @param value its value, which the message shows
	 * @param expectation what was expected
	 * @return the value
	 */
	public static <T> T require(boolean condition, String name, T value, String expectation) {
		if (!condition) {
			throw new InvalidSettingException(name, text(value), expectation);
		}
		return value;
	}

	private static String text(Object value) {
		return (value instanceof Duration duration) ? DurationText.of(duration) : String.valueOf(value);
	}

}
