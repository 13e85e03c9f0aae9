package dev.backend.logging;

/**
 * Text that somebody else wrote, such as a peer or a registry, so that it can stand in a
 * line of a log: nothing in it starts a line, moves the cursor, changes colours or turns
 * the direction of writing, and it is not long.
 */
public final class PlainText {

	/** How many characters of a text are shown at most, what says so included. */
	public static final int MAXIMUM_LENGTH = 1000;

	private static final int HEX_DIGITS = 4;

	private PlainText() {
	}

	/**
	 * Returns a text that can stand in a line of a log. Control and format characters,
	 * separators of lines and paragraphs, and halves of surrogate pairs are written as in
	 * the source of Java, such as {@code \n} or <code>&#92;u001b</code>. Text that was
	 * returned by this method is returned as it is.
	 * @param text the text
	 * @return the text, at most {@value #MAXIMUM_LENGTH} characters
	 */
	public static String of(String text) {
		return of(text, MAXIMUM_LENGTH);
	}

	/**
	 * Returns a text that can stand in a line of a log.
	 * @param text the text
	 * @param maximumLength how many characters are shown at most, what says so included
	 * @return the text as by {@link #of(String)}
	 */
	public static String of(String text, int maximumLength) {
		String shown = escape(text, maximumLength);
		if (shown.length() <= maximumLength) {
			return shown;
		}
		String end = "… (%d characters)".formatted(text.length());
		int length = Math.max(0, Math.min(shown.length(), maximumLength - end.length()));
		if (length > 0 && Character.isHighSurrogate(shown.charAt(length - 1))) {
			length--;
		}
		return shown.substring(0, length) + end;
	}

	/** Escapes as much as is needed to have more than so many characters. */
	private static String escape(String text, int enough) {
		int index = 0;
		while (index < text.length() && index <= enough) {
			int point = text.codePointAt(index);
			if (movesTheCursor(point)) {
				return escapeFrom(text, index, enough);
			}
			index += Character.charCount(point);
		}
		return (index < text.length()) ? text.substring(0, index) : text;
	}

	private static String escapeFrom(String text, int first, int enough) {
		StringBuilder escaped = new StringBuilder(Math.min(text.length(), enough) + 16).append(text, 0, first);
		int index = first;
		while (index < text.length() && escaped.length() <= enough) {
			int point = text.codePointAt(index);
			if (movesTheCursor(point)) {
				append(escaped, point);
			}
			else {
				escaped.appendCodePoint(point);
			}
			index += Character.charCount(point);
		}
		return escaped.toString();
	}

	private static boolean movesTheCursor(int point) {
		if (point >= ' ' && point < 0x7f) {
			return false;
		}
		return switch (Character.getType(point)) {
			case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
					Character.SURROGATE ->
				true;
			default -> false;
		};
	}

	private static void append(StringBuilder escaped, int point) {
		switch (point) {
			case '\n' -> escaped.append("\\n");
			case '\r' -> escaped.append("\\r");
			case '\t' -> escaped.append("\\t");
			default -> {
				for (char unit : Character.toChars(point)) {
					String hex = Integer.toHexString(unit);
					escaped.append("\\u").append("0".repeat(HEX_DIGITS - hex.length())).append(hex);
				}
			}
		}
	}

}
