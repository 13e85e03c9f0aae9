package dev.backend.discovery;

/**
 * What it means that a registry does not list an instance any more.
 */
public enum Absence {

	/**
	 * The registry is well: what it does not list is gone, unless that is most of a group
	 * at once, which another read must confirm.
	 */
	EVIDENCE,

	/**
	 * The registry was away until a short time ago, or is in part: what is missing may
	 * only not have come back yet, so that another read must confirm each loss.
	 */
	TO_BE_CONFIRMED,

	/**
	 * The registry answers, but what lives cannot make itself known, such as while it
	 * refuses to be written: nothing that is missing counts as gone for as long as this
	 * lasts.
	 */
	NO_EVIDENCE;

	/**
	 * Returns whether what is missing counts as gone only when another read confirms it.
	 * @return whether this is not {@link #EVIDENCE}
	 */
	public boolean doubted() {
		return this != EVIDENCE;
	}

}
