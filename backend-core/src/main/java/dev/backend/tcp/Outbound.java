package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * Something that waits in an {@link OutboundQueue} to be written: a message, bytes, a
 * request, or a batch of messages and requests. It carries the links of the queue itself,
 * so that queueing allocates nothing further. Each is queued once.
 *
 * @param <M> the type of the messages
 */
interface Outbound<M> {

	/** The next one towards the older end while queued, then towards the younger end. */
	@Nullable Outbound<M> next();

	void next(@Nullable Outbound<M> next);

	/** How many messages are queued, those of this one and of older ones. */
	int depth();

	void depth(int depth);

}
