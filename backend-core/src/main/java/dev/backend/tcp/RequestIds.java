package dev.backend.tcp;

/**
 * Tells the ids that are whole numbers from all others, so that they need no object.
 */
final class RequestIds {

	private RequestIds() {
	}

	static boolean isNumeric(Object id) {
		return id instanceof Long || id instanceof Integer || id instanceof Short || id instanceof Byte;
	}

	static long numeric(Object id) {
		return ((Number) id).longValue();
	}

}
