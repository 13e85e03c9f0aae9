package dev.backend.faults;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

import dev.backend.ConnectionLostException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import dev.backend.tcp.TcpCounters;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What was asked of a backend and how it ended, to be compared with what the backend has
 * counted. Any thread may tell.
 */
final class SoakAccounts {

	/** Buckets of latencies: 16 for each power of two of microseconds. */
	private static final int FINE = 16;

	private final LongAdder requests = new LongAdder();

	private final Map<Outcome, LongAdder> outcomes = new EnumMap<>(Outcome.class);

	private final LongAdder unwritten = new LongAdder();

	private final Map<SendResult, LongAdder> sends = new ConcurrentHashMap<>();

	private final LongAdder routed = new LongAdder();

	private final LongAdder routedFailures = new LongAdder();

	private final AtomicLongArray latencies = new AtomicLongArray(64 * FINE);

	private final List<String> unexpected = new CopyOnWriteArrayList<>();

	SoakAccounts() {
		for (Outcome outcome : Outcome.values()) {
			this.outcomes.put(outcome, new LongAdder());
		}
	}

	void requested() {
		this.requests.increment();
	}

	/** How a request ended. Called once for each. */
	void settled(Note request, @Nullable Note reply, @Nullable Throwable failure, long nanos) {
		Outcome outcome = (failure != null) ? outcome(failure) : Outcome.REPLY;
		count(outcome).increment();
		if (reply != null) {
			this.latencies.incrementAndGet(bucket(nanos / 1000));
			if (!reply.equals(request)) {
				unexpected(new AssertionError("%s is the reply to %s".formatted(reply, request)));
			}
		}
	}

	private Outcome outcome(Throwable failure) {
		if (failure instanceof RequestTimeoutException timeout) {
			unwritten(timeout.written());
			return Outcome.TIMEOUT;
		}
		if (failure instanceof ConnectionLostException lost) {
			unwritten(lost.written());
			return Outcome.LOST;
		}
		if (failure instanceof SendRejectedException) {
			return Outcome.REJECTED;
		}
		if (failure instanceof ServiceNotFoundException) {
			return Outcome.NOT_FOUND;
		}
		if (failure instanceof CancellationException) {
			return Outcome.CANCELLED;
		}
		unexpected(failure);
		return Outcome.OTHER;
	}

	private void unwritten(boolean written) {
		if (!written) {
			this.unwritten.increment();
		}
	}

	/** How a message without a reply was taken. */
	void sent(SendResult result) {
		this.sends.computeIfAbsent(result, (key) -> new LongAdder()).increment();
	}

	/** How a request over HTTP ended. */
	void routed(boolean answered) {
		(answered ? this.routed : this.routedFailures).increment();
	}

	/** What must not happen. */
	void unexpected(Throwable failure) {
		this.unexpected.add(failure.toString());
	}

	long pending() {
		return this.requests.sum() - this.outcomes.values().stream().mapToLong(LongAdder::sum).sum();
	}

	/** Checks that nothing is left, and that the backend has counted the same. */
	void assertEqual(TcpCounters counters) {
		assertThat(this.unexpected).isEmpty();
		assertThat(pending()).as("sent and not settled").isZero();
		assertThat(counters.replies()).as("replies").isEqualTo(sum(Outcome.REPLY));
		assertThat(counters.timeouts()).as("timeouts").isEqualTo(sum(Outcome.TIMEOUT));
		assertThat(counters.lost()).as("lost").isEqualTo(sum(Outcome.LOST));
		assertThat(counters.rejected()).as("rejected").isEqualTo(sum(Outcome.REJECTED) + refused());
		long queued = queued(counters);
		long accountedFor = counters.sentMessages() + counters.dropped() + this.unwritten.sum();
		assertThat(accountedFor).as("of %d queued: written, dropped, or failed before", queued)
			.isBetween(queued - sum(Outcome.CANCELLED), queued);
	}

	private long queued(TcpCounters counters) {
		long requests = this.requests.sum() - sum(Outcome.REJECTED) - sum(Outcome.NOT_FOUND);
		return requests + sends(SendResult.ACCEPTED) + counters.heartbeats();
	}

	private long refused() {
		long all = this.sends.values().stream().mapToLong(LongAdder::sum).sum();
		return all - sends(SendResult.ACCEPTED) - sends(SendResult.NO_INSTANCE);
	}

	private long sends(SendResult result) {
		LongAdder count = this.sends.get(result);
		return (count != null) ? count.sum() : 0;
	}

	private long sum(Outcome outcome) {
		return count(outcome).sum();
	}

	private LongAdder count(Outcome outcome) {
		return Objects.requireNonNull(this.outcomes.get(outcome));
	}

	private static int bucket(long micros) {
		int power = 63 - Long.numberOfLeadingZeros(micros | 1);
		int fine = (int) (((power > 4) ? (micros >> (power - 4)) : (micros << (4 - power))) & (FINE - 1));
		return power * FINE + fine;
	}

	/** The upper end of the bucket in which a part of the replies was there. */
	private double millis(double part) {
		long all = sum(Outcome.REPLY);
		long seen = 0;
		for (int i = 0; i < this.latencies.length(); i++) {
			seen += this.latencies.get(i);
			if (seen >= all * part) {
				double micros = Math.scalb(1 + (i % FINE + 1) / (double) FINE, i / FINE);
				return Math.round(micros) / 1000.0;
			}
		}
		return 0;
	}

	/** The lines of the table. */
	Map<String, Object> figures() {
		Map<String, Object> figures = new LinkedHashMap<>();
		figures.put("requests", this.requests.sum());
		this.outcomes.forEach((outcome, count) -> figures.put("  " + outcome, count.sum()));
		figures.put("requests p50, p99 in ms", millis(0.5) + ", " + millis(0.99));
		this.sends.forEach((result, count) -> figures.put("sends " + result, count.sum()));
		figures.put("routed HTTP requests, failed", this.routed.sum() + ", " + this.routedFailures.sum());
		return figures;
	}

	private enum Outcome {

		REPLY, TIMEOUT, LOST, REJECTED, NOT_FOUND, CANCELLED, OTHER

	}

}
