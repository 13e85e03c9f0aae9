package dev.backend.discovery;

import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * How a source is doing, the log of its ups and downs, and what follows from them for
 * what is missing: for those who write a {@link ServiceDiscovery}. Any thread; every
 * method is short and takes this object's monitor. What is told may hold what outsiders
 * wrote only if it is escaped.
 *
 * <p>
 * <b>Absence.</b> While the source is down, and for one confirmation delay after it is up
 * again, what is missing {@linkplain Absence#TO_BE_CONFIRMED must be confirmed}. While
 * {@link #doubt} says why, it is {@linkplain Absence#NO_EVIDENCE no evidence}, and must
 * be confirmed for one delay after that, too.
 */
public final class DiscoveryHealth {

	private static final Logger logger = LoggerFactory.getLogger(DiscoveryHealth.class);

	private final String source;

	private final ServiceLog log;

	private final Duration confirmationDelay;

	private final Duration patience;

	private final LongSupplier nanoTime;

	private final Map<Enum<?>, String> warnings = new TreeMap<>(Comparator.comparingInt(Enum::ordinal));

	private State state = State.STARTING;

	private @Nullable String reason;

	/** Whether the reason is of a part of the registry only. */
	private boolean partly;

	private @Nullable String doubt;

	private @Nullable Long askedAt;

	private @Nullable Long readAt;

	private @Nullable Long backAt;

	private InstanceCounts counts = InstanceCounts.NONE;

	private DiscoveryReads reads = DiscoveryReads.NONE;

	/**
	 * Creates the health of a source that has not begun.
	 * @param source what is watched, for people; without secrets
	 * @param confirmationDelay for how long after an outage each loss must be confirmed
	 * @param patience after which time an answer that was {@link #asked} for and does not
	 * come makes the source down
	 * @param nanoTime the present time, such as {@link System#nanoTime()}
	 */
	public DiscoveryHealth(String source, Duration confirmationDelay, Duration patience, LongSupplier nanoTime) {
		this.source = source;
		this.log = new FailureLog(nanoTime).of(source);
		this.confirmationDelay = confirmationDelay;
		this.patience = patience;
		this.nanoTime = nanoTime;
	}

	/**
	 * The registry is asked something, by a caller that waits for the answer. Ended by
	 * {@link #up()} and {@link #down(String)}.
	 */
	public synchronized void asked() {
		this.askedAt = this.nanoTime.getAsLong();
	}

	/**
	 * A complete read succeeded, or one of a part when the others had succeeded before.
	 * The first one is logged with its counts.
	 * @param counts what is seen and used now
	 */
	public synchronized void read(InstanceCounts counts) {
		this.reads = new DiscoveryReads(this.reads.succeeded() + 1, this.reads.failed());
		if (this.readAt == null) {
			if (counts.seen() == 0) {
				this.log.failed(logger, Level.WARN,
						"{}: first read: lists nothing (expected: at least one entry; is the name that is watched right?)",
						this.source);
			}
			else {
				logger.info("{}: first read: {}", this.source, counts);
			}
		}
		this.readAt = this.nanoTime.getAsLong();
		this.counts = counts;
	}

	/** Everything that is watched has been read, and nothing has failed since. */
	public synchronized void up() {
		if (this.state != State.UP) {
			this.log.news(logger, "{}: up", this.source);
		}
		if (this.state == State.DOWN) {
			wasAway();
		}
		this.state = State.UP;
		this.askedAt = null;
		this.reason = null;
	}

	/**
	 * A read failed, or has been under way for too long.
	 * @param reason why; without secrets
	 */
	public synchronized void down(String reason) {
		this.reads = new DiscoveryReads(this.reads.succeeded(), this.reads.failed() + 1);
		if (this.state != State.DOWN) {
			this.log.failed(logger, Level.WARN, "{}: down, keeps trying: {}", this.source, reason);
		}
		else if (!reason.equals(this.reason)) {
			logger.debug("{}: still down: {}", this.source, reason);
		}
		this.state = State.DOWN;
		this.partly = false;
		this.askedAt = null;
		this.reason = reason;
	}

	/**
	 * A part of the registry could not be read, such as one of its services: that part
	 * keeps what was read of it last, and the others are judged as if nothing was wrong.
	 * @param reason which part and why; without secrets
	 */
	public synchronized void partlyDown(String reason) {
		boolean back = this.state == State.DOWN && !this.partly;
		down(reason);
		this.partly = true;
		if (back) {
			wasAway();
		}
	}

	/**
	 * The registry was away for a moment, and is back: each loss must be confirmed for
	 * one confirmation delay. {@link #up()} says so by itself after {@link #down}.
	 */
	public synchronized void wasAway() {
		this.backAt = this.nanoTime.getAsLong();
	}

	/**
	 * The registry answers, but what lives cannot make itself known, so that what is
	 * missing is no evidence: the source is down for as long as that lasts.
	 * @param doubt why, without secrets; {@code null} if that is over
	 */
	public synchronized void doubt(@Nullable String doubt) {
		if (doubt != null && this.doubt == null) {
			logger.warn("{}: what is missing counts as there: {}", this.source, doubt);
		}
		if (doubt == null && this.doubt != null) {
			logger.info("{}: what is missing counts as gone again", this.source);
			wasAway();
		}
		this.doubt = doubt;
	}

	/**
	 * Something is wrong although the registry answers. Logged when it begins: a text may
	 * have numbers that change with each read.
	 * @param concern what it is about, one of an enum of the source, in which the gravest
	 * stand first: of several, that one is shown
	 * @param warning what is wrong, without secrets, or {@code null} if nothing is
	 */
	public synchronized void warn(Enum<?> concern, @Nullable String warning) {
		String before = (warning != null) ? this.warnings.put(concern, warning) : this.warnings.remove(concern);
		if (warning != null && before == null) {
			this.log.failed(logger, Level.WARN, "{}: {}", this.source, warning);
		}
		else if (warning != null && !warning.equals(before)) {
			logger.debug("{}: still: {}", this.source, warning);
		}
	}

	/**
	 * Returns what it means at present that an instance is not listed.
	 * @return the meaning
	 */
	public synchronized Absence absence() {
		if (this.doubt != null) {
			return Absence.NO_EVIDENCE;
		}
		Duration sinceBack = since(this.backAt);
		boolean back = sinceBack != null && sinceBack.compareTo(this.confirmationDelay) < 0;
		return (back || (this.state == State.DOWN && !this.partly)) ? Absence.TO_BE_CONFIRMED : Absence.EVIDENCE;
	}

	/**
	 * Returns whether the last read succeeded.
	 * @return whether the source is up
	 */
	public synchronized boolean isUp() {
		return this.state == State.UP;
	}

	/**
	 * Returns whether something is wrong although the registry answers.
	 * @param concern what it is about
	 * @return whether there is such a warning
	 */
	public synchronized boolean hasWarning(Enum<?> concern) {
		return this.warnings.containsKey(concern);
	}

	/**
	 * Returns how often {@link #read} and {@link #down} were told.
	 * @return the reads
	 */
	public synchronized DiscoveryReads reads() {
		return this.reads;
	}

	/**
	 * Returns the present status.
	 * @return the status
	 */
	public synchronized DiscoveryStatus status() {
		Duration waiting = since(this.askedAt);
		if (this.state == State.DOWN || (waiting != null && waiting.compareTo(this.patience) > 0)) {
			return status(State.DOWN, (this.state == State.DOWN || waiting == null) ? this.reason
					: "no answer for " + DurationText.ofNanos(waiting.toNanos()));
		}
		if (this.doubt != null) {
			return status(State.DOWN, this.doubt);
		}
		return status(this.state, this.warnings.values().stream().findFirst().orElse(null));
	}

	private DiscoveryStatus status(State shown, @Nullable String why) {
		return new DiscoveryStatus(this.source, shown, this.counts, since(this.readAt),
				(why != null) ? this.source + ": " + why : null);
	}

	private @Nullable Duration since(@Nullable Long time) {
		return (time != null) ? Duration.ofNanos(this.nanoTime.getAsLong() - time) : null;
	}

}
