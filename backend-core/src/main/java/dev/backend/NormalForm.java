package dev.backend;

/**
 * The normal form of names, ids and tags. It is that of Go's {@code strings.ToLower} and
 * {@code strings.TrimSpace}, since the points of a ring are made of it: each code point
 * is lower-cased by itself, and what Unicode calls space is trimmed.
 * <p>
 * The letters are those of Unicode 15, which Go has had since 1.21. JDK 17 knows fewer
 * and JDK 25 more, and two gateways must agree on the owner of a key whatever they run
 * on.
 */
final class NormalForm {

	/** All below are the same in every JDK. */
	private static final int FIRST_DIFFERENCE = 0x1C89;

	private NormalForm() {
	}

	/**
	 * Returns the normal form of a text, which is the text itself if it is in normal form
	 * already.
	 */
	static String of(String text) {
		int length = text.length();
		for (int i = 0; i < length; i++) {
			char c = text.charAt(i);
			if (c <= ' ' || c > '~' || (c >= 'A' && c <= 'Z')) {
				return lowerCase(trim(text));
			}
		}
		return text;
	}

	private static String trim(String text) {
		int start = 0;
		int end = text.length();
		while (start < end && isSpace(text.charAt(start))) {
			start++;
		}
		while (start < end && isSpace(text.charAt(end - 1))) {
			end--;
		}
		return text.substring(start, end);
	}

	private static String lowerCase(String text) {
		int codePoint;
		for (int i = 0; i < text.length(); i += Character.charCount(codePoint)) {
			codePoint = text.codePointAt(i);
			if (lowerCase(codePoint) != codePoint) {
				return lowerCase(text, i);
			}
		}
		return text;
	}

	private static String lowerCase(String text, int start) {
		StringBuilder lowerCase = new StringBuilder(text.length()).append(text, 0, start);
		text.codePoints()
			.skip(text.codePointCount(0, start))
			.map(NormalForm::lowerCase)
			.forEach(lowerCase::appendCodePoint);
		return lowerCase.toString();
	}

	/** Returns whether Unicode calls a character space ({@code White_Space}). */
	static boolean isSpace(int character) {
		return switch (character) {
			case '\t', '\n', 0x0B, '\f', '\r', ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
			default -> character >= 0x2000 && character <= 0x200A;
		};
	}

	/** Returns the simple lower case of a code point in Unicode 15. */
	static int lowerCase(int codePoint) {
		if (codePoint < FIRST_DIFFERENCE) {
			return Character.toLowerCase(codePoint);
		}
		return switch (codePoint) {
			// New in Unicode 14.
			case 0x2C2F -> 0x2C5F;
			case 0xA7C0, 0xA7D0, 0xA7D6, 0xA7D8 -> codePoint + 1;
			// New in Unicode 16 and 17.
			case 0x1C89, 0xA7CB, 0xA7CC, 0xA7CE, 0xA7D2, 0xA7D4, 0xA7DA, 0xA7DC -> codePoint;
			default -> isVithkuqiCapital(codePoint) ? codePoint + 0x27
					: isNewScript(codePoint) ? codePoint : Character.toLowerCase(codePoint);
		};
	}

	/** Those of a script that is new in Unicode 14. */
	private static boolean isVithkuqiCapital(int codePoint) {
		return codePoint >= 0x10570 && codePoint <= 0x10595 && codePoint != 0x1057B && codePoint != 0x1058B
				&& codePoint != 0x10593;
	}

	/** The capitals of Garay and Beria Erfe, which are new in Unicode 16 and 17. */
	private static boolean isNewScript(int codePoint) {
		return (codePoint >= 0x10D50 && codePoint <= 0x10D65) || (codePoint >= 0x16EA0 && codePoint <= 0x16EB8);
	}

}
