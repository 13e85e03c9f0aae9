package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Messages that are handed over as one, such as a transaction: they are written one after
 * another with nothing of others in between, or none of them is. Filled by one thread,
 * then passed to {@link TcpSender#submit}, which leaves it as it is.
 *
 * <p>
 * None is written if one of them cannot be: if the codec fails to encode it, its id is
 * pending already, there is no place for all their replies, its deadline has come by
 * then, or its caller has cancelled it. The requests fail then, each with that reason; a
 * message without a reply is counted as rejected or dropped.
 *
 * <pre class="code">
 * TcpBatch&lt;Frame&gt; batch = new TcpBatch&lt;Frame&gt;().send(multi).send(set).request(exec, timeout);
 * CompletableFuture&lt;Frame&gt; reply = connection.submit(batch).get(0);
 * </pre>
 *
 * @param <M> the type of the messages
 */
public final class TcpBatch<M> {

	private final List<Entry<M>> entries = new ArrayList<>();

	/**
	 * Creates a batch without messages.
	 */
	public TcpBatch() {
	}

	/**
	 * Adds a message whose reply, if there is one, nobody waits for.
	 * @param message the message; must not be changed any more
	 * @return this batch
	 */
	public TcpBatch<M> send(M message) {
		this.entries.add(new Entry<>(Objects.requireNonNull(message, "message"), null, null));
		return this;
	}

	/**
	 * Adds a message that has a reply, as {@link TcpSender#request(Object, Duration)}.
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from when the batch is submitted
	 * @return this batch
	 * @throws IllegalArgumentException if the time-out is not positive
	 */
	public TcpBatch<M> request(M message, Duration timeout) {
		Nanos.ofTimeout(timeout);
		this.entries.add(new Entry<>(Objects.requireNonNull(message, "message"), null, timeout));
		return this;
	}

	/**
	 * Adds a message that has a reply, as
	 * {@link TcpSender#request(Object, Object, Duration)}.
	 * @param requestId the id of the reply
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from when the batch is submitted
	 * @return this batch
	 * @throws IllegalArgumentException if the time-out is not positive
	 */
	public TcpBatch<M> request(Object requestId, M message, Duration timeout) {
		Nanos.ofTimeout(timeout);
		this.entries.add(new Entry<>(Objects.requireNonNull(message, "message"),
				Objects.requireNonNull(requestId, "requestId"), timeout));
		return this;
	}

	/**
	 * Returns how many messages there are.
	 * @return the number
	 */
	public int size() {
		return this.entries.size();
	}

	List<Entry<M>> entries() {
		return this.entries;
	}

	/**
	 * One message.
	 *
	 * @param message the message
	 * @param requestId the id of its reply, if the caller named it
	 * @param timeout how long the reply may take, or {@code null} if nobody waits for one
	 */
	record Entry<M>(M message, @Nullable Object requestId, @Nullable Duration timeout) {
	}

}
