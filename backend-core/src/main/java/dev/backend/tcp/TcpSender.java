package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.backend.ConnectionLostException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;

/**
 * Sends to one instance: a {@link TcpService} by whichever connection it has, a
 * {@link TcpConnection} by itself and no other. Safe for use by any thread. No method
 * blocks.
 *
 * @param <M> the type of the messages
 */
public sealed interface TcpSender<M> permits TcpService, TcpConnection {

	/**
	 * Queues a message.
	 * @param message the message; must not be changed any more
	 * @throws SendRejectedException if it was refused; nothing of it is written
	 */
	void send(M message);

	/**
	 * Queues a message, or says why not.
	 * @param message the message; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that it is queued
	 */
	SendResult trySend(M message);

	/**
	 * Queues bytes that are one or more whole frames already. Refused where the
	 * connection has a {@linkplain dev.backend.codec.MessageCodec#forConnection codec of
	 * its own}.
	 * @param bytes the bytes; must not be changed any more
	 * @throws SendRejectedException if they were refused; nothing of them is written
	 */
	void sendBytes(byte[] bytes);

	/**
	 * Queues bytes that are one or more whole frames already, or says why not:
	 * {@link SendResult#RAW_BYTES} where the connection has a
	 * {@linkplain dev.backend.codec.MessageCodec#forConnection codec of its own}.
	 * @param bytes the bytes; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that they are queued
	 */
	SendResult trySendBytes(byte[] bytes);

	/**
	 * Sends a message and returns its reply. The reply is found by the id that the codec
	 * reads from both, or by order where the codec says so.
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from now
	 * @return the reply. It fails with {@link SendRejectedException} if the message was
	 * refused, {@link dev.backend.RequestTimeoutException} at the deadline and
	 * {@link ConnectionLostException} if the connection goes away. Dependent stages
	 * without an executor run on the event loop: they must not block, and {@code join()}
	 * there fails. Whoever ends it before its reply, such as by {@code cancel}, gives the
	 * request up: it makes room for others, and a late reply goes to the handler
	 * @throws IllegalArgumentException if the time-out is not positive, or the codec
	 * brings its own ids and finds none in the message
	 */
	CompletableFuture<M> request(M message, Duration timeout);

	/**
	 * Sends a message and returns the reply whose {@code responseId} equals an id that
	 * the caller names.
	 * @param requestId the id of the reply
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from now
	 * @return the reply, or its failure, as in {@link #request(Object, Duration)}
	 * @throws IllegalArgumentException if the time-out is not positive, the codec matches
	 * replies by their order, or the connection
	 * {@linkplain dev.backend.codec.MessageCodec#idBits gives out the ids}
	 */
	CompletableFuture<M> request(Object requestId, M message, Duration timeout);

	/**
	 * Ends a request to which no reply will come: it fails with
	 * {@link dev.backend.NoReplyException}, and its place or id is free at once. To be
	 * used only where that is certain: a reply that comes after all would meet another
	 * request. If it is not, {@code cancel} the request: then its reply may come, and
	 * meets none. A request that is not written yet never is.
	 * @param request what {@code request} has returned, itself and no stage that depends
	 * on it
	 * @return whether it had not ended before
	 * @throws IllegalArgumentException if it is no request
	 */
	boolean endWithoutReply(CompletableFuture<M> request);

	/**
	 * Queues several messages as one: they are written one after another with nothing of
	 * others in between, or none of them is, as {@link TcpBatch} says. They count as many
	 * as they are against the bound of messages that wait, and together as one against
	 * the bound of bytes of a frame.
	 * @param batch the messages
	 * @return the replies, in the order of the requests of the batch, each as in
	 * {@link #request(Object, Duration)}. A request fails with
	 * {@link dev.backend.RequestTimeoutException} also when the deadline of another one
	 * of the batch came before it was written, and with
	 * {@link java.util.concurrent.CancellationException} when that was cancelled by then
	 * @throws SendRejectedException if it was refused as a whole
	 * @throws IllegalArgumentException if the batch has no message, or a request of it
	 * has no id or one too much, as in {@link #request(Object, Duration)} and
	 * {@link #request(Object, Object, Duration)}
	 */
	List<CompletableFuture<M>> submit(TcpBatch<M> batch);

}
