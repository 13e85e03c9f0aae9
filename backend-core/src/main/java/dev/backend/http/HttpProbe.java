package dev.backend.http;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What an instance must do to count as usable: accept a TCP connection, or answer an HTTP
 * GET with a status.
 *
 * @param path what to GET, such as {@code /actuator/health/readiness}, or {@code null}
 * for a TCP connection
 * @param lowestStatus the lowest status that is good
 * @param highestStatus the highest status that is good
 */
public record HttpProbe(@Nullable String path, int lowestStatus, int highestStatus) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if the path does not begin with a slash, or the
	 * statuses are out of order or not within 100 to 599
	 */
	public HttpProbe {
		if (path != null && !path.startsWith("/")) {
			throw new IllegalArgumentException("path: '%s' (expected: begins with /)".formatted(path));
		}
		if (lowestStatus < 100 || highestStatus > 599 || lowestStatus > highestStatus) {
			throw new IllegalArgumentException("statuses: %d to %d (expected: in order, within 100 to 599)"
				.formatted(lowestStatus, highestStatus));
		}
	}

	/**
	 * Returns a probe that makes a TCP connection.
	 * @return the probe
	 */
	public static HttpProbe tcp() {
		return new HttpProbe(null, 200, 299);
	}

	/**
	 * Returns a probe that expects a status of 200 to 299.
	 * @param path what to GET; begins with a slash
	 * @return the probe
	 */
	public static HttpProbe get(String path) {
		return new HttpProbe(Objects.requireNonNull(path, "path"), 200, 299);
	}

	/**
	 * Returns a probe of the same path that expects other statuses.
	 * @param lowest the lowest status that is good
	 * @param highest the highest status that is good
	 * @return the changed copy
	 */
	public HttpProbe expecting(int lowest, int highest) {
		return new HttpProbe(this.path, lowest, highest);
	}

}
