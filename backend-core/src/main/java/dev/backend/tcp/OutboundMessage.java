package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * A message, or bytes that are encoded already, to be written without a reply.
 *
 * @param <M> the type of the messages
 */
class OutboundMessage<M> implements Outbound<M> {

	/** An {@code M}, or {@link Encoded}. */
	private final @Nullable Object content;

	private @Nullable Outbound<M> next;

	private int depth;

	OutboundMessage(@Nullable Object content) {
		this.content = content;
	}

	@Nullable Object content() {
		return this.content;
	}

	@SuppressWarnings("unchecked")
	M message() {
		Object content = this.content;
		if (content == null || content instanceof Encoded) {
			throw new IllegalStateException("not a message: " + content);
		}
		return (M) content;
	}

	/** Its bytes stand in the buffer that is written next. */
	void encoded() {
	}

	@Override
	public @Nullable Outbound<M> next() {
		return this.next;
	}

	@Override
	public void next(@Nullable Outbound<M> next) {
		this.next = next;
	}

	@Override
	public int depth() {
		return this.depth;
	}

	@Override
	public void depth(int depth) {
		this.depth = depth;
	}

	/**
	 * Bytes of one or more whole frames, shared by all targets of a broadcast.
	 *
	 * @param bytes the bytes
	 * @param reply whether one reply takes a place among those of the requests
	 * @param message the message of which they are the bytes, for connections with a
	 * codec of their own; {@code null} if the caller made the bytes
	 */
	record Encoded(byte[] bytes, boolean reply, @Nullable Object message) {

		/** Bytes that the caller made. */
		Encoded(byte[] bytes) {
			this(bytes, false, null);
		}

	}

}
