package dev.backend.logging;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

import dev.backend.logging.LineBudget.Line;
import dev.backend.logging.LineBudget.Omission;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.helpers.MessageFormatter;

/**
 * Bounds what a backend logs of its services, so that an outage of thousands and a
 * failure per message neither go unmentioned nor fill the disk. Whatever fails, a service
 * name is given ten lines per minute for that, and ten for what goes as it should, such
 * as connections that come up. What is beyond is logged at debug level, and counted in
 * one more line when the minute is over. Lines that are not switched on take nothing.
 *
 * <p>
 * Of the throwables of one kind, the first in a minute is logged with its stack trace and
 * the others by their text. All texts are {@linkplain PlainText plain}.
 *
 * <p>
 * What has names is bounded, too: beyond a thousand within a minute, all others have
 * their lines together. Safe for use by any thread.
 */
public final class FailureLog {

	private static final Logger logger = LoggerFactory.getLogger(FailureLog.class);

	private static final int MAXIMUM_NAMES = 1000;

	private static final String OTHERS = "other services";

	private final Map<String, LineBudget> failures = new ConcurrentHashMap<>();

	private final Map<String, LineBudget> news = new ConcurrentHashMap<>();

	private final LongSupplier nanoTime;

	/**
	 * Creates a log.
	 * @param nanoTime the present time, such as {@link System#nanoTime()}
	 */
	public FailureLog(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * Returns the log of one service name.
	 * @param name the name
	 * @return its log
	 */
	public ServiceLog of(String name) {
		return new ServiceLog(this, name);
	}

	/** How many names have lines at present. */
	int names() {
		return Math.max(this.failures.size(), this.news.size());
	}

	void failed(String name, Logger logger, Level level, String line, @Nullable Object... values) {
		log(this.failures, name, logger, level, line, false, null, line, values);
	}

	void failedAgain(String name, Logger logger, Level level, String first, String line, @Nullable Object... values) {
		log(this.failures, name, logger, level, first, true, null, line, values);
	}

	void threw(String name, Logger logger, Level level, Throwable failure, String line, @Nullable Object... values) {
		log(this.failures, name, logger, level, new Kind(line, failure.getClass()), false, failure, line, values);
	}

	void news(String name, Logger logger, String line, @Nullable Object... values) {
		log(this.news, name, logger, Level.INFO, line, false, null, line, values);
	}

	private void log(Map<String, LineBudget> budgets, String name, Logger logger, Level level, Object kind,
			boolean reminder, @Nullable Throwable failure, String line, @Nullable Object... values) {
		if (!logger.isEnabledForLevel(level)) {
			return;
		}
		String key = (budgets.size() < MAXIMUM_NAMES || budgets.containsKey(name)) ? name : OTHERS;
		AtomicReference<@Nullable Omission> omission = new AtomicReference<>();
		AtomicReference<Line> taken = new AtomicReference<>(Line.OMITTED);
		long now = this.nanoTime.getAsLong();
		budgets.compute(key, (same, present) -> {
			LineBudget budget = (present != null) ? present : new LineBudget(now);
			if (budget.isOver(now)) {
				omission.set(budget.takeOmission());
				budget.begin(now);
			}
			taken.set(budget.take(level, kind, reminder));
			return budget;
		});
		tell(budgets, key, omission.get());
		Line granted = taken.get();
		boolean shown = granted != Line.OMITTED;
		if (!shown && !logger.isDebugEnabled()) {
			return;
		}
		StringBuilder text = new StringBuilder(MessageFormatter.basicArrayFormat(line, plain(values)));
		Throwable trace = (granted.firstOfKind() || logger.isDebugEnabled()) ? failure : null;
		if (failure != null && trace == null) {
			text.append(": ").append(PlainThrowable.text(failure));
		}
		if (granted.last()) {
			text.append(" (further %s of %s within this minute are logged at debug level)".formatted(what(budgets),
					PlainText.of(key)));
		}
		logger.atLevel(shown ? level : Level.DEBUG)
			.setCause((trace != null) ? PlainThrowable.of(trace) : null)
			.log(text.toString());
	}

	private static Object[] plain(@Nullable Object[] values) {
		Object[] plain = new Object[values.length];
		for (int i = 0; i < values.length; i++) {
			plain[i] = PlainText.of(String.valueOf(values[i]));
		}
		return plain;
	}

	/**
	 * Says how many lines were left out in the minutes that are over, and forgets their
	 * names. To be called from time to time.
	 */
	public void sweep() {
		sweep(this.failures);
		sweep(this.news);
	}

	private void sweep(Map<String, LineBudget> budgets) {
		long now = this.nanoTime.getAsLong();
		for (String name : budgets.keySet()) {
			AtomicReference<@Nullable Omission> omission = new AtomicReference<>();
			budgets.computeIfPresent(name, (same, budget) -> {
				if (!budget.isOver(now)) {
					return budget;
				}
				omission.set(budget.takeOmission());
				return null;
			});
			tell(budgets, name, omission.get());
		}
	}

	/** Says how many lines were left out until now, because nothing more will come. */
	public void end() {
		end(this.failures);
		end(this.news);
	}

	private void end(Map<String, LineBudget> budgets) {
		for (String name : budgets.keySet()) {
			AtomicReference<@Nullable Omission> omission = new AtomicReference<>();
			budgets.computeIfPresent(name, (same, budget) -> {
				omission.set(budget.takeOmission());
				return budget;
			});
			tell(budgets, name, omission.get());
		}
	}

	private void tell(Map<String, LineBudget> budgets, String name, @Nullable Omission omission) {
		if (omission != null) {
			logger.atLevel(omission.level())
				.log("{}: {} more {} within a minute were logged at debug level", PlainText.of(name), omission.lines(),
						what(budgets));
		}
	}

	private String what(Map<String, LineBudget> budgets) {
		return (budgets == this.failures) ? "failures" : "changes";
	}

	private record Kind(String line, Class<?> type) {
	}

}
