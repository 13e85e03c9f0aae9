package dev.backend.autoconfigure;

import java.time.Duration;
import java.util.Set;
import java.util.function.BiFunction;

import dev.backend.settings.DurationText;
import dev.backend.settings.InvalidSettingException;
import dev.backend.settings.SettingChecks;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * The {@link SettingChecks} of the engine for property values; they need no validation
 * library. Each throws an {@link InvalidConfigurationPropertyValueException}, which
 * Spring Boot shows with the property, its value, where it was set and what was expected.
 */
public final class Checks {

	private Checks() {
	}

	/**
	 * Returns a number that is at least 1.
	 * @param property the property
	 * @param value its value
	 * @return the value
	 */
	public static int positive(String property, int value) {
		return check(property, value, SettingChecks::positive);
	}

	/**
	 * Returns a duration that is more than zero.
	 * @param property the property
	 * @param value its value
	 * @return the value
	 */
	public static Duration positive(String property, Duration value) {
		return check(property, value, SettingChecks::positive);
	}

	/**
	 * Returns a duration that is zero or more.
	 * @param property the property
	 * @param value its value
	 * @return the value
	 */
	public static Duration notNegative(String property, Duration value) {
		return check(property, value, SettingChecks::notNegative);
	}

	/**
	 * Returns a number within bounds.
	 * @param property the property
	 * @param value its value
	 * @param least the smallest number
	 * @param most the largest number
	 * @return the value
	 */
	public static int inRange(String property, int value, int least, int most) {
		return check(property, value, (name, checked) -> SettingChecks.inRange(name, checked, least, most));
	}

	/**
	 * Returns a duration within bounds.
	 * @param property the property
	 * @param value its value
	 * @param least the shortest duration
	 * @param most the longest duration
	 * @return the value
	 */
	public static Duration inRange(String property, Duration value, Duration least, Duration most) {
		return check(property, value, (name, checked) -> SettingChecks.inRange(name, checked, least, most));
	}

	/**
	 * Returns a duration of 1 ms to 1 day.
	 * @param property the property
	 * @param value its value
	 * @return the value
	 */
	public static Duration upToOneDay(String property, Duration value) {
		return check(property, value, SettingChecks::upToOneDay);
	}

	/**
	 * Returns names of which none is blank.
	 * @param property the property
	 * @param values its value
	 * @return an immutable copy
	 */
	public static Set<String> noneBlank(String property, Set<String> values) {
		return check(property, values, SettingChecks::noneBlank);
	}

	/**
	 * Returns a size as a number of bytes.
	 * @param property the property
	 * @param value its value
	 * @return the number, at least 1
	 */
	public static int bytes(String property, DataSize value) {
		require(value.toBytes() >= 1 && value.toBytes() <= Integer.MAX_VALUE, property, value, "1B to 2047MB");
		return (int) value.toBytes();
	}

	/**
	 * Returns a size of zero or more as a number of bytes.
	 * @param property the property
	 * @param value its value
	 * @return the number
	 */
	public static long anyBytes(String property, DataSize value) {
		return require(!value.isNegative(), property, value, ">= 0B").toBytes();
	}

	/**
	 * Returns a value that meets a condition.
	 * @param <T> the type of the value
	 * @param condition the condition
	 * @param property the property
	 * @param value its value
	 * @param expectation what was expected
	 * @return the value
	 */
	public static <T> T require(boolean condition, String property, T value, String expectation) {
		if (!condition) {
			throw refusal(property, value, expectation);
		}
		return value;
	}

	/**
	 * Returns the exception for a value that a property cannot have.
	 * @param property the property
	 * @param value its value
	 * @param expectation what was expected
	 * @return the exception
	 */
	public static InvalidConfigurationPropertyValueException refusal(String property, Object value,
			String expectation) {
		Object shown = (value instanceof Duration duration) ? DurationText.of(duration) : value;
		return new InvalidConfigurationPropertyValueException(property, shown, "Expected: " + expectation + ".");
	}

	private static <T> T check(String property, T value, BiFunction<String, T, T> check) {
		try {
			return check.apply(property, value);
		}
		catch (InvalidSettingException ex) {
			throw refusal(property, value, ex.expectation());
		}
	}

}
