package dev.backend.tcp;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.backend.codec.MessageCodec;
import dev.backend.codec.MessageCodec.Correlation;

/**
 * What the connections of one backend need to know. It outlives the runs of the backend.
 *
 * @param <M> the type of the messages
 */
final class TcpContext<M> {

	private final MessageCodec<M> codec;

	private final int idBits;

	private final Map<String, TcpCounters> counters = new ConcurrentHashMap<>();

	private volatile TcpSettings settings;

	TcpContext(MessageCodec<M> codec, TcpSettings settings) {
		this.codec = codec;
		this.idBits = idBits(codec);
		this.settings = settings;
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
			throw new IllegalArgumentException("%s.idBits(): %d (expected: %s)".formatted(codec.getClass().getName(),
					bits,
					(most > 0) ? "1 to 64, or 0 for ids of the codec's own" : "0, because its replies come in order"));
		}
		return bits;
	}

	TcpSettings settings() {
		return this.settings;
	}

	void settings(TcpSettings settings) {
		this.settings = settings;
	}

	/** The counters of a service name; they outlive its group. */
	TcpCounters counters(String name) {
		return this.counters.computeIfAbsent(name, (key) -> new TcpCounters());
	}

}
