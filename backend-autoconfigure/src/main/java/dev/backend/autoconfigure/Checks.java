package dev.backend.autoconfigure;

import java.time.Duration;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

/**
 * Checks of property values that need no validation library. Each throws an
 * {@link InvalidConfigurationPropertyValueException}, which Spring Boot shows with the
 * property, its value, where it was set and what was expected.
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
		return require(value >= 1, property, value, "at least 1");
	}

	/**
	 * Returns a duration that is more than zero.
	 * @param property the property
	 * @param value its value
	 * @return the value
	 */
	public static Duration positive(String property, Duration value) {
		return require(!value.isNegative() && !value.isZero(), property, value, "> 0");
	}

	/**
	 * Returns a duration that is zero or more.
	 * @param property the property
	 * @param value its value
	 * @return the value
	 */
	public static Duration notNegative(String property, Duration value) {
		return require(!value.isNegative(), property, value, ">= 0");
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

	static InvalidConfigurationPropertyValueException refusal(String property, Object value, String expectation) {
		return new InvalidConfigurationPropertyValueException(property, value, "Expected: " + expectation + ".");
	}

}
