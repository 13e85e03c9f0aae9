package dev.backend.discovery.consul;

import java.util.Collections;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The names of the services that one answer lists. Consul compares names whatever the
 * case of their letters, and one answer about a service has the instances of all its
 * spellings: so a name is kept in lower case, as its {@linkplain #key(String) key}.
 *
 * @param listed all of them
 * @param carrying those of which an instance carries the wanted tag; all if none is
 * wanted
 */
record ServiceNames(Set<String> listed, Set<String> carrying) {

	/** What a {@link dev.backend.ServiceConfig} takes. */
	private static final int MAXIMUM_LENGTH = 255;

	private static final Pattern STEP = Pattern.compile("(^|/)\\.{0,2}(/|$)");

	ServiceNames {
		listed = Collections.unmodifiableSet(listed);
		carrying = Collections.unmodifiableSet(carrying);
	}

	/** Whether the catalog lists a service, however its name is spelt. */
	boolean lists(String name) {
		return this.listed.contains(key(name));
	}

	/**
	 * Returns what all spellings of a name have in common. Letters beyond ASCII are left
	 * as they are: their lower case is not the same everywhere.
	 */
	static String key(String name) {
		if (name.chars().noneMatch((c) -> c >= 'A' && c <= 'Z')) {
			return name;
		}
		StringBuilder key = new StringBuilder(name);
		for (int i = 0; i < key.length(); i++) {
			char c = key.charAt(i);
			if (c >= 'A' && c <= 'Z') {
				key.setCharAt(i, (char) (c + ('a' - 'A')));
			}
		}
		return key.toString();
	}

	/**
	 * Whether Consul can be asked for a service. A name is a part of a path: Consul, or a
	 * proxy before it, takes the steps {@code .} and {@code ..} out of it, encoded or
	 * not, and answers about something else; and it refuses what is not printable.
	 */
	static boolean isAskable(String name) {
		return name.length() <= MAXIMUM_LENGTH && !STEP.matcher(name).find()
				&& name.codePoints().allMatch(ServiceNames::isPrintable);
	}

	/** As Go's {@code unicode.IsPrint}. */
	private static boolean isPrintable(int point) {
		return switch (Character.getType(point)) {
			case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
					Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
				false;
			case Character.SPACE_SEPARATOR -> point == ' ';
			default -> true;
		};
	}

}
