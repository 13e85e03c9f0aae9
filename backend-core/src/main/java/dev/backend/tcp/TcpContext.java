package dev.backend.tcp;

import java.util.Set;

import dev.backend.codec.MessageCodec;
import dev.backend.codec.MessageCodec.Correlation;
import dev.backend.fleet.CountersByName;
import dev.backend.logging.FailureLog;

/**
 * What the connections of one backend need to know. It outlives the runs of the backend.
 *
 * @param <M> the type of the messages
 */
final class TcpContext<M> {

	private final MessageCodec<M> codec;

	private final FailureLog failureLog;

	private final CountersByName<TcpCounters> counters = new CountersByName<>(TcpCounters::new, System::nanoTime);

	private volatile TcpSettings settings;

	TcpContext(MessageCodec<M> codec, TcpSettings settings) {
		this(codec, settings, new FailureLog(System::nanoTime));
	}

	TcpContext(MessageCodec<M> codec, TcpSettings settings, FailureLog failureLog) {
		this.codec = codec;
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

	TcpSettings settings() {
		return this.settings;
	}

	void settings(TcpSettings settings) {
		this.settings = settings;
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
