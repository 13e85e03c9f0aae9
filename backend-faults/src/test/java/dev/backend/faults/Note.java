package dev.backend.faults;

/**
 * A message of the tests.
 *
 * @param id the same in a request and its reply; 0 if neither
 * @param text what {@link NotePeer} goes by
 */
record Note(long id, String text) {

	/** A message without a reply. */
	static Note push(String text) {
		return new Note(0, text);
	}

}
