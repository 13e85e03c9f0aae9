package dev.backend.tcp;

import java.util.Set;

import dev.backend.codec.MessageCodec;
import dev.backend.codec.MessageCodec.Correlation;
import dev.backend.fleet.CountersByName;
import dev.backend.logging.FailureLog;
import dev.backend.logging.StandIn;

/**
 * What the connections of one backend need to know. It outlives the runs of the backend.
 *
 * @param <M> the type of the messages
 */
final class TcpContext<M> {

	private final MessageCodec<M> codec;

	private final int idBits;

	private final FailureLog failureLog;

	private final CountersByName<TcpCounters> counters = new CountersByName<>(TcpCounters::new, System::nanoTime);

	private final ByteBudget budget = new ByteBudget(() -> settings().limits().totalBytes());

	private volatile TcpSettings settings;

	TcpContext(MessageCodec<M> codec, TcpSettings settings) {
		this(codec, settings, new FailureLog(System::nanoTime));
	}

	TcpContext(MessageCodec<M> codec, TcpSettings settings, FailureLog failureLog) {
		this.codec = codec;
		this.idBits = idBits(codec);
		this.settings = settings;
		this.failureLog = failureLog;
	}

	/** Bounds what is logged of the services. */
	FailureLog failureLog() {
		return this.failureLog;
	}

	MessageCodec<M> codec() {
		return this.codec;
	}

	/**
	 * Whether replies belong to requests by their order, so that the reply to a message
	 * that is not a request takes a place among them.
	 */
	boolean inOrder() {
		return this.codec.correlation() == Correlation.IN_ORDER;
	}

	/** How wide the ids are that connections give out; 0 if they give out none. */
	int idBits() {
		return this.idBits;
	}

	private static int idBits(MessageCodec<?> codec) {
		int bits = codec.idBits();
		int most = (codec.correlation() == Correlation.BY_ID) ? Long.SIZE : 0;
		if (bits < 0 || bits > most) {
			throw new IllegalArgumentException("%s.idBits(): %d (expected: %s)".formatted(StandIn.nameOf(codec), bits,
					(most > 0) ? "1 to 64, or 0 for ids of the codec's own" : "0, because its replies come in order"));
		}
		return bits;
	}

	TcpSettings settings() {
		return this.settings;
	}

	void settings(TcpSettings settings) {
		this.settings = settings;
		this.budget.tellAllIfLow();
	}

	/** The bytes that the connections hold together. */
	ByteBudget budget() {
		return this.budget;
	}

	/** The counters of a service name; they outlive its group for a while. */
	TcpCounters counters(String name) {
		return this.counters.get(name);
	}

	/** Forgets in time what belongs to other names than these. */
	void retain(Set<String> names) {
		this.counters.retain(names);
	}

}
