package dev.backend.discovery;

/**
 * Why an entry of a registry is not used.
 */
public enum LeftOut {

	/** Its name, id, address, port or scheme cannot be one, or it is beyond a bound. */
	MALFORMED("malformed"),

	/** Its address or port is not in the allow-list. */
	NOT_ALLOWED("not allowed"),

	/** There are more entries than are taken. */
	TOO_MANY("beyond the maximum"),

	/** A newer entry has its name and id. */
	DUPLICATE("of an id that a newer one has"),

	/** It cannot be read. */
	UNREADABLE("unreadable"),

	/** The registry says that it does not work at present. */
	UNHEALTHY("unhealthy"),

	/** It is not asked for: another service, tag, kind or scheme. */
	NOT_WANTED("not asked for");

	private final String text;

	LeftOut(String text) {
		this.text = text;
	}

	/**
	 * Returns whether this is a fault of whoever wrote the entry, or a bound that is
	 * reached: what an operator should know.
	 * @return whether it is not normal
	 */
	public boolean refused() {
		return this != UNHEALTHY && this != NOT_WANTED;
	}

	/**
	 * Returns how messages name the reason, after a number.
	 * @return for example {@code malformed}
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
