package dev.backend.tcp;

import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Link} knows of whoever made it. Called on the event loop.
 *
 * @param <M> the type of the messages
 */
interface LinkOwner<M> {

	/** The service, for people. */
	String label();

	TcpState state();

	TcpCounters counters();

	/** Bounds what is logged of the service. */
	ServiceLog log();

	/** Which messages wait for the handler, whatever connection they came by. */
	InboundBacklog backlog();

	/** So many bytes were handed to the channel. */
	void sent(int bytes);

	/** So many bytes have arrived. */
	void received(int bytes);

	/** A message has come for the handler, and counts to the backlog. */
	void handle(M message);

	/**
	 * Nothing more can be sent: told once, before what is pending fails, so that a
	 * request which is made anew because of that is refused, and may try the next owner.
	 * @param link the link
	 * @param cause why, or {@code null} if it is closed for good
	 * @return whether the messages that have arrived are still of use
	 */
	boolean closing(Link<M> link, @Nullable Throwable cause);

	/**
	 * The end, once, when all that was pending has ended.
	 * @param link the link
	 * @param cause why, or {@code null} if it was closed for good
	 */
	void closed(Link<M> link, @Nullable Throwable cause);

}
