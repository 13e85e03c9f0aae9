package dev.backend.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import dev.backend.transport.PlainWords;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Decides how loudly it is logged that instances come and go. Each service name is given
 * ten lines per minute, whatever the number of its instances and however often they
 * change, so that an outage of thousands and an instance that flaps neither go
 * unmentioned nor fill the disk. The others are logged at debug level, and counted in the
 * next line. Safe for use by any thread.
 */
final class ProbeLog {

	private static final Logger logger = LoggerFactory.getLogger(ProbeLog.class);

	private static final long MINUTE = Duration.ofMinutes(1).toNanos();

	private static final int LINES = 10;

	private final Map<String, Budget> budgets = new ConcurrentHashMap<>();

	private final LongSupplier nanoTime;

	ProbeLog(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	void up(HttpService service) {
		log(Level.INFO, service.name(), "{} answers its probe{}", service);
	}

	void down(HttpService service, Throwable cause) {
		log(Level.WARN, service.name(), "{} does not answer its probe: {}{}", service, PlainWords.describe(cause));
	}

	void ejected(HttpService service, Throwable reason) {
		log(Level.WARN, service.name(), "{} is {}{}", service, PlainWords.describe(reason));
	}

	void notEjected(HttpService service, Throwable cause) {
		log(Level.WARN, service.name(),
				"{} is not ejected although requests to it fail, because too few others are left; the last with: {}{}",
				service, PlainWords.describe(cause));
	}

	void readmitted(HttpService service) {
		log(Level.INFO, service.name(), "{} is not ejected any more{}", service);
	}

	/** The last argument of the line is filled in here. */
	void log(Level level, String name, String line, Object... arguments) {
		String note = this.budgets.computeIfAbsent(name, (key) -> new Budget(this.nanoTime.getAsLong()))
			.take(name, this.nanoTime.getAsLong());
		logger.atLevel((note != null) ? level : Level.DEBUG).log(line, with(arguments, (note != null) ? note : ""));
	}

	private static Object[] with(Object[] arguments, String last) {
		Object[] all = new Object[arguments.length + 1];
		System.arraycopy(arguments, 0, all, 0, arguments.length);
		all[arguments.length] = last;
		return all;
	}

	/** The lines of one service name. */
	private static final class Budget {

		private long since;

		private int lines;

		private int omitted;

		Budget(long now) {
			this.since = now;
		}

		/** Returns what to add to the line, or {@code null} if there is none left. */
		synchronized @Nullable String take(String name, long now) {
			if (now - this.since >= MINUTE) {
				this.since = now;
				this.lines = 0;
			}
			if (this.lines == LINES) {
				this.omitted++;
				return null;
			}
			this.lines++;
			String before = (this.omitted > 0)
					? " (%d changes of %s before this one were logged at debug level)".formatted(this.omitted, name)
					: "";
			this.omitted = 0;
			return (this.lines < LINES) ? before
					: before + " (further changes of %s within this minute are logged at debug level)".formatted(name);
		}

	}

}
