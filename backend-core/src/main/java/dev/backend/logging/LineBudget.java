package dev.backend.logging;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The lines that one name may have in a minute, which begins with the first of them, and
 * the number of those that it had to do without. One thread at a time.
 */
final class LineBudget {

	static final int LINES = 10;

	private static final long MINUTE = Duration.ofMinutes(1).toNanos();

	private final Set<Object> kinds = new HashSet<>();

	private long since;

	private int lines;

	private long omitted;

	private Level omittedLevel = Level.INFO;

	LineBudget(long now) {
		this.since = now;
	}

	boolean isOver(long now) {
		return now - this.since >= MINUTE;
	}

	/** Begins another minute. */
	void begin(long now) {
		this.since = now;
		this.lines = 0;
		this.kinds.clear();
	}

	/**
	 * Takes a line.
	 * @param level how loud it is
	 * @param kind what it is about
	 * @param reminder whether it is left out if there was one of its kind
	 */
	Line take(Level level, Object kind, boolean reminder) {
		if (this.lines < LINES && !(reminder && this.kinds.contains(kind))) {
			this.lines++;
			boolean first = this.kinds.add(kind);
			return (this.lines < LINES) ? (first ? Line.FIRST : Line.FURTHER) : (first ? Line.LAST_FIRST : Line.LAST);
		}
		this.omitted++;
		if (level.toInt() > this.omittedLevel.toInt()) {
			this.omittedLevel = level;
		}
		return Line.OMITTED;
	}

	/** Takes the number of lines that were left out; {@code null} if none was. */
	@Nullable Omission takeOmission() {
		if (this.omitted == 0) {
			return null;
		}
		Omission omission = new Omission(this.omitted, this.omittedLevel);
		this.omitted = 0;
		this.omittedLevel = Level.INFO;
		return omission;
	}

	/** What becomes of a line. */
	enum Line {

		/** It is the first of its kind. */
		FIRST,

		/** There was one of its kind. */
		FURTHER,

		/** It is the first of its kind, and nothing follows. */
		LAST_FIRST,

		/** There was one of its kind, and nothing follows. */
		LAST,

		/** It is left out. */
		OMITTED;

		boolean firstOfKind() {
			return this == FIRST || this == LAST_FIRST;
		}

		boolean last() {
			return this == LAST_FIRST || this == LAST;
		}

	}

	/**
	 * Lines that were left out.
	 *
	 * @param lines how many
	 * @param level that of the loudest
	 */
	record Omission(long lines, Level level) {
	}

}
