package dev.backend.discovery.consul;

import java.time.Duration;

import dev.backend.discovery.consul.BlockingQuery.Answer;
import dev.backend.discovery.consul.BlockingQuery.Options;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Asks one query again and again: each time for what is newer than the last answer, or
 * only when woken, if it has no long poll of its own.
 *
 * <p>
 * The index rules: an index that goes backwards, and every failure, leads to a query
 * without index; an index is never below 1, which would not block; {@link QueryThrottle}
 * says how soon to ask again. When something that was there is missing, Consul may wait
 * only as long as it takes to confirm that.
 *
 * <p>
 * A long poll whose connection has silently died would be given up only when the wait is
 * over. So {@link #verify} compares its index with the newest one, and gives up the poll
 * that should have answered and does not.
 *
 * <p>
 * All methods and all calls of the listener are on the loop's thread.
 *
 * @param <T> what an answer says
 */
final class Poller<T> {

	private static final Logger logger = LoggerFactory.getLogger(Poller.class);

	/** How much later than an answer to a short query that of a long poll may come. */
	private static final Duration GRACE = Duration.ofMillis(300);

	private final String subject;

	private final BlockingQuery<T> query;

	private final Mono<Long> newestIndex;

	private final Listener<T> listener;

	private final ConsulDiscoverySettings settings;

	private final QueryLoop loop;

	private final ConcurrencyLimit limit;

	private final QueryThrottle throttle;

	private boolean blocking;

	private boolean running;

	private boolean wakeUp;

	private long index;

	/** The query that is under way, or waits for its turn. */
	private @Nullable Disposable asking;

	private @Nullable Disposable next;

	/** Whether what is under way waits for something newer. */
	private boolean waiting;

	/** Whether something has changed since the last verification. */
	private boolean unverified;

	private @Nullable Disposable verifying;

	/** The newest index when a long poll was last given up. */
	private long missedIndex;

	/** Whether the next query is only due when a loss can be confirmed. */
	private boolean confirming;

	private @Nullable Long readAt;

	private final long createdAt;

	private @Nullable Long missedAt;

	private boolean fresh;

	private @Nullable ConsulFailure failure;

	/**
	 * Creates a poller; {@link #start()} starts it.
	 * @param subject what is asked about, for people
	 * @param query what to ask
	 * @param newestIndex asks for the index alone, at once
	 * @param listener who wants to know
	 * @param settings the times
	 * @param loop the only thread
	 * @param limit what a query without a long poll of its own must pass
	 * @param blocking whether it has a long poll of its own
	 */
	Poller(String subject, BlockingQuery<T> query, Mono<Long> newestIndex, Listener<T> listener,
			ConsulDiscoverySettings settings, QueryLoop loop, ConcurrencyLimit limit, boolean blocking) {
		this.subject = subject;
		this.query = query;
		Duration patience = settings.timings().probeTimeout();
		this.newestIndex = loop.answer(newestIndex, patience, patience);
		this.listener = listener;
		this.settings = settings;
		this.loop = loop;
		this.limit = limit;
		this.blocking = blocking;
		this.throttle = new QueryThrottle(settings.retry());
		this.createdAt = loop.nanoTime();
	}

	/** Asks a query that has no content to speak of for its index. */
	static <T> Mono<Long> newestIndex(BlockingQuery<T> query) {
		return Mono.defer(() -> query.ask(Options.NOW).map(Answer::index));
	}

	/** Asks for everything, then for what is newer. */
	void start() {
		if (!this.running) {
			this.running = true;
			this.throttle.succeeded();
			ask();
		}
	}

	/** Gives up what is under way and trusts no answer of before any more. */
	void stop() {
		this.running = false;
		this.fresh = false;
		this.index = 0;
		this.failure = null;
		end();
		if (this.verifying != null) {
			this.verifying.dispose();
			this.verifying = null;
		}
	}

	/** Asks again, if it has no long poll: something may have changed. */
	void wake() {
		if (this.running && !this.blocking) {
			this.wakeUp = true;
			askIfIdle();
		}
	}

	/** From now on, this has a long poll of its own. */
	void block() {
		if (!this.blocking) {
			this.blocking = true;
			if (this.running) {
				askIfIdle();
			}
		}
	}

	/**
	 * Sees whether the long poll under way is still good for something.
	 * @param changed whether something has changed somewhere since the last time
	 */
	void verify(boolean changed) {
		this.unverified |= changed;
		if (this.unverified && this.waiting && this.asking != null && this.verifying == null) {
			this.unverified = false;
			this.verifying = this.limit.apply(this.newestIndex).subscribe(this::verified, (failure) -> {
				this.verifying = null;
				this.unverified = true;
			});
		}
	}

	/** What is asked about, for people. */
	String subject() {
		return this.subject;
	}

	boolean blocks() {
		return this.blocking;
	}

	/** Whether there has been an answer, ever. */
	boolean wasRead() {
		return this.readAt != null;
	}

	/** Whether there is no use in waiting for the first answer. */
	boolean wasTried() {
		return wasRead() || (this.failure != null && this.failure.useless());
	}

	/** Whether the last answer still holds: there was no failure and no stop since. */
	boolean isFresh() {
		return this.fresh;
	}

	/** Why the last query had no answer, or {@code null}. */
	@Nullable ConsulFailure failure() {
		return this.failure;
	}

	/** When the last answer was read; if there was none, when this was created. */
	long readAt() {
		return (this.readAt != null) ? this.readAt : this.createdAt;
	}

	/** Not if a query is under way, or comes after a pause that is to be kept. */
	private void askIfIdle() {
		if (this.asking == null && (this.next == null || this.confirming)) {
			end();
			ask();
		}
	}

	/** Whatever happens, there is a next time. */
	private void ask() {
		try {
			begin();
		}
		catch (Throwable ex) {
			failed(ex);
		}
	}

	private void begin() {
		this.next = null;
		this.confirming = false;
		long pause = this.throttle.begin(this.loop.nanoTime());
		if (pause > 0) {
			askIn(Duration.ofNanos(pause));
			return;
		}
		this.wakeUp = false;
		Options options = options();
		this.waiting = options.index() != 0;
		Duration response = this.settings.timings().responseTimeout();
		Mono<Answer<T>> answer = this.loop.answer(this.query.ask(options), options.longestWait().plus(response),
				response);
		this.asking = (this.blocking ? answer : this.limit.apply(answer)).subscribe(this::heard, this::failed);
	}

	private Options options() {
		if (this.index == 0 || !this.blocking) {
			return Options.NOW;
		}
		Duration untilConfirmed = untilConfirmed();
		return new Options(this.index, (untilConfirmed != null) ? untilConfirmed : this.settings.timings().waitTime());
	}

	private void verified(long index) {
		this.verifying = null;
		long newest = Math.max(1, index);
		Disposable asked = this.asking;
		if (asked != null && this.waiting && newest != this.index && newest != this.missedIndex) {
			this.loop.schedule(() -> giveUp(asked, newest), GRACE);
		}
	}

	/** Unless it has been answered meanwhile. */
	private void giveUp(Disposable asked, long newest) {
		if (this.asking == asked) {
			logger.info("{}: the long poll of {} has missed a change, and is asked on another connection",
					this.settings.source(), this.subject);
			this.missedIndex = newest;
			this.index = 0;
			end();
			ask();
		}
	}

	/** How long a loss that was seen still waits for its confirmation. */
	private @Nullable Duration untilConfirmed() {
		Long missed = this.missedAt;
		if (missed == null) {
			return null;
		}
		Duration left = this.settings.timings()
			.confirmationDelay()
			.minusNanos(this.loop.nanoTime() - missed)
			.plusMillis(10);
		Duration shortest = Duration.ofMillis(10);
		return (left.compareTo(shortest) > 0) ? left : shortest;
	}

	/** Of what is thrown here, Reactor would take some for the end of the program. */
	private void heard(Answer<T> answer) {
		try {
			answered(answer);
		}
		catch (Throwable ex) {
			failed(ex);
		}
	}

	private void answered(Answer<T> answer) {
		this.asking = null;
		this.index = (answer.index() < this.index) ? 0 : Math.max(1, answer.index());
		this.throttle.succeeded();
		this.failure = null;
		this.fresh = true;
		long now = this.loop.nanoTime();
		this.readAt = now;
		if (this.missedAt != null && now - this.missedAt >= this.settings.timings().confirmationDelay().toNanos()) {
			this.missedAt = null;
		}
		if (this.listener.misses(answer.content())) {
			this.missedAt = now;
		}
		this.listener.answered(answer.content());
		askNext();
	}

	private void askNext() {
		if (!this.running || this.asking != null) {
			return;
		}
		Duration untilConfirmed = untilConfirmed();
		if (this.blocking || this.wakeUp) {
			ask();
		}
		else if (untilConfirmed != null) {
			this.confirming = true;
			askIn(untilConfirmed);
		}
	}

	private void failed(Throwable problem) {
		if (!(problem instanceof ConsulFailure)) {
			logger.error("{}: the answer about {} cannot be handled", this.settings.source(), this.subject, problem);
		}
		end();
		this.confirming = false;
		this.index = 0;
		this.fresh = false;
		ConsulFailure reason = ConsulFailure.of(problem);
		this.failure = reason;
		if (this.running) {
			askIn(reason.useless() ? this.throttle.failedForLong() : this.throttle.failed());
		}
		this.listener.failed(reason);
	}

	private void askIn(Duration delay) {
		this.next = this.loop.schedule(this::ask, delay);
	}

	private void end() {
		if (this.next != null) {
			this.next.dispose();
			this.next = null;
		}
		if (this.asking != null) {
			this.asking.dispose();
			this.asking = null;
		}
	}

	/**
	 * Who wants to know.
	 *
	 * @param <T> what an answer says
	 */
	interface Listener<T> {

		/** Whether an answer misses something that was there before. */
		default boolean misses(T content) {
			return false;
		}

		/** There is an answer; called after the state of the poller has changed. */
		void answered(T content);

		/** There is none; the poller tries again by itself. */
		void failed(ConsulFailure failure);

	}

}
