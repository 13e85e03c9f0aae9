package dev.backend.codec;

/**
 * Takes from a codec which requests of its connection will have no reply. Such a request
 * fails with {@link dev.backend.NoReplyException}, and its place or id is free at once.
 * To be used during the call of {@link MessageCodec#unanswered} that it was given to, and
 * not after it.
 */
public interface Unanswered {

	/**
	 * Says that no reply will come to the oldest, where replies come in order. One place
	 * is that of a request, ended by its caller or not, or of a message that
	 * {@linkplain MessageCodec#expectsReply expects a reply}, in the order in which they
	 * were encoded.
	 * @param count how many places are taken away; zero has no effect
	 * @throws IllegalArgumentException if there are not so many
	 * @throws IllegalStateException if replies come by id
	 */
	void oldest(int count);

	/**
	 * Says that no reply will come to the request with this id. Without effect if there
	 * is none; an id in quarantine is free again.
	 * @param id the id, as {@link MessageCodec#responseId} would return it
	 * @throws IllegalStateException if replies come in order
	 */
	void id(Object id);

	/**
	 * Says that no reply will come to the request with this id, without a box for it.
	 * @param id the id
	 * @throws IllegalStateException if replies come in order
	 */
	void id(long id);

}
