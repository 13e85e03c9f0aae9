package dev.backend.tcp;

import org.jspecify.annotations.Nullable;

/**
 * Something that waits in an {@link OutboundQueue} to be written: a message, bytes, or a
 * request. It carries the links of the queue itself, so that queueing allocates nothing
 * further. Each is queued once.
 *
 * @param <M> the type of the messages
 */
interface Outbound<M> {

	/** The next one towards the older end while queued, then towards the younger end. */
	@Nullable Outbound<M> next();

	void next(@Nullable Outbound<M> next);

	/** How many are queued, this one and older ones. */
	int depth();

	void depth(int depth);

}
