package dev.backend.discovery.redis;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * The layouts of the registry in Redis, and all that differs between them. Both keep one
 * sorted set of members per key, with the last heartbeat as the score; a fleet uses one
 * of them. A key on which the two meet is refused, since each would take the other's
 * scores for the distant past or future.
 */
public enum RegistryLayout {

	/**
	 * Scores in milliseconds; the keys that belong to one registry key share a Redis
	 * Cluster slot.
	 */
	GOBASE_V1("gobase-v1", 1000) {

		@Override
		RegistryKeys keys(String key) {
			return new RegistryKeys(key, "_{" + key + "}_list_", locker(key), "_{" + key + "}_channel_",
					key + V2_LOCKER);
		}

	},

	/**
	 * That of later versions of gobase: scores in seconds with a fraction. In a Redis
	 * Cluster the registry key must contain a hash tag, such as <code>{games}</code>, so
	 * that the keys that belong to it share a slot.
	 */
	GOBASE_V2("gobase-v2", 1) {

		@Override
		RegistryKeys keys(String key) {
			return new RegistryKeys(key, key + "_list", key + V2_LOCKER, key, locker(key));
		}

	};

	private static final String V2_LOCKER = "_check";

	private static final int NANO_DIGITS = 9;

	private final String text;

	private final int unitsPerSecond;

	RegistryLayout(String text, int unitsPerSecond) {
		this.text = text;
		this.unitsPerSecond = unitsPerSecond;
	}

	/** The keys and the channel that belong to a registry key. */
	abstract RegistryKeys keys(String key);

	/** The units of a score in a second, as the scripts want it. */
	String unitsPerSecond() {
		return Integer.toString(this.unitsPerSecond);
	}

	/** A duration in the units of a score, to the nanosecond. */
	String units(Duration duration) {
		return BigDecimal.valueOf(duration.toNanos(), NANO_DIGITS)
			.multiply(BigDecimal.valueOf(this.unitsPerSecond))
			.stripTrailingZeros()
			.toPlainString();
	}

	/** What to say of a key that a fleet of the other layout uses. */
	String refusal() {
		RegistryLayout other = (this == GOBASE_V1) ? GOBASE_V2 : GOBASE_V1;
		return "is used by a fleet of the layout %s (expected: %s only; give each its own key)".formatted(other, this);
	}

	/**
	 * Returns the name of the layout.
	 * @return {@code gobase-v1} or {@code gobase-v2}
	 */
	@Override
	public String toString() {
		return this.text;
	}

	private static String locker(String key) {
		return "_{" + key + "}_locker_";
	}

}
