package dev.backend.logging;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A throwable as it can be logged with its stack trace: with the texts of
 * {@link PlainText}. It stands for another one, with its stack trace, its causes and what
 * it has suppressed.
 */
final class PlainThrowable extends Throwable {

	private static final long serialVersionUID = 1L;

	private static final int MAXIMUM_DEPTH = 20;

	private static final int MAXIMUM_SUPPRESSED = 10;

	private final String text;

	private PlainThrowable(Throwable original, @Nullable Throwable cause) {
		super(text(original), cause, true, true);
		this.text = text(original);
		setStackTrace(original.getStackTrace());
	}

	/**
	 * Returns what to log in place of a throwable.
	 * @param throwable what was thrown
	 * @return the same if its texts, and those of all that belongs to it, are plain
	 */
	static Throwable of(Throwable throwable) {
		try {
			if (isPlain(throwable, newSet(), 0)) {
				return throwable;
			}
		}
		catch (RuntimeException ex) {
			// A text that cannot be had is not plain either.
		}
		return copy(throwable, newSet(), 0);
	}

	private static Set<Throwable> newSet() {
		return Collections.newSetFromMap(new IdentityHashMap<>());
	}

	/** One with too much that belongs to it is not plain. */
	private static boolean isPlain(Throwable throwable, Set<Throwable> seen, int depth) {
		if (!seen.add(throwable)) {
			return true;
		}
		if (depth == MAXIMUM_DEPTH || throwable.getSuppressed().length > MAXIMUM_SUPPRESSED
				|| !text(throwable).equals(throwable.toString()) || !isPlain(throwable.getMessage())
				|| !isPlain(throwable.getLocalizedMessage())) {
			return false;
		}
		for (Throwable suppressed : throwable.getSuppressed()) {
			if (!isPlain(suppressed, seen, depth + 1)) {
				return false;
			}
		}
		Throwable cause = throwable.getCause();
		return cause == null || isPlain(cause, seen, depth + 1);
	}

	private static boolean isPlain(@Nullable String text) {
		return text == null || PlainText.of(text).equals(text);
	}

	private static Throwable copy(Throwable throwable, Set<Throwable> seen, int depth) {
		seen.add(throwable);
		Throwable cause = throwable.getCause();
		Throwable copy = new PlainThrowable(throwable, (cause != null && depth < MAXIMUM_DEPTH && !seen.contains(cause))
				? copy(cause, seen, depth + 1) : null);
		int number = 0;
		for (Throwable suppressed : throwable.getSuppressed()) {
			if (number < MAXIMUM_SUPPRESSED && depth < MAXIMUM_DEPTH && !seen.contains(suppressed)) {
				number++;
				copy.addSuppressed(copy(suppressed, seen, depth + 1));
			}
		}
		return copy;
	}

	static String text(Throwable throwable) {
		try {
			return PlainText.of(String.valueOf(throwable));
		}
		catch (RuntimeException ex) {
			return throwable.getClass().getName();
		}
	}

	@Override
	public String toString() {
		return this.text;
	}

}
