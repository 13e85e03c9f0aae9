package dev.backend.autoconfigure;

/**
 * How many instances of a group must be usable for the group to count as up.
 */
public enum HealthRule {

	/** At least one. */
	ANY,

	/** More than half of those that are known. */
	MAJORITY,

	/** All that are known, and at least one. */
	ALL;

	/**
	 * Returns whether a group counts as up.
	 * @param usable the number of usable instances
	 * @param known the number of known instances
	 * @return whether the rule is met
	 */
	public boolean met(int usable, int known) {
		return switch (this) {
			case ANY -> usable > 0;
			case MAJORITY -> usable * 2 > known;
			case ALL -> usable > 0 && usable == known;
		};
	}

}
