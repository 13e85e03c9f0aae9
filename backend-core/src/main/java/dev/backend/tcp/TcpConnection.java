package dev.backend.tcp;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import javax.net.ssl.SSLSession;

import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.MessageCodec;
import dev.backend.logging.StandIn;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a service, from when it is up until it is gone. It never comes back:
 * the next connection of the service is another one. What is sent goes out by this
 * connection, and is refused with {@link SendResult#NOT_CONNECTED} once that is gone.
 *
 * <p>
 * {@link TcpHandler} is given it. There it is of use from
 * {@link TcpHandler#onConnected(TcpConnection)} on, where the {@link #service() service}
 * cannot be reached yet: that needs a connection that is ready. Safe for use by any
 * thread. No method blocks.
 *
 * @param <M> the type of the messages
 */
public final class TcpConnection<M> implements TcpSender<M> {

	private final TcpService<M> service;

	private final Link<M> link;

	/** From {@link #close} on, which the event loop has yet to see. */
	private volatile boolean closed;

	TcpConnection(TcpService<M> service, Link<M> link) {
		this.service = service;
		this.link = link;
	}

	/**
	 * Returns the service, which outlives this connection.
	 * @return the service
	 */
	public TcpService<M> service() {
		return this.service;
	}

	/**
	 * Returns whether this connection takes what is sent.
	 * @return {@code false} once it is gone, or is being closed
	 */
	public boolean isActive() {
		return !this.closed && this.link.isActive();
	}

	/**
	 * Returns the address of this end.
	 * @return the address, as it was when the connection came up; {@code null} if it went
	 * away before that could be read
	 */
	public @Nullable SocketAddress localAddress() {
		return this.link.channel().localAddress();
	}

	/**
	 * Returns the address of the peer.
	 * @return the address; one of several that a host name may have. {@code null} if it
	 * went away before that could be read
	 */
	public @Nullable SocketAddress remoteAddress() {
		return this.link.channel().remoteAddress();
	}

	/**
	 * Returns the TLS session, such as for the certificate of the peer.
	 * @return the session, or {@code null} without TLS, and once this connection is gone
	 */
	public @Nullable SSLSession sslSession() {
		SslHandler handler = this.link.channel().pipeline().get(SslHandler.class);
		return (handler != null) ? handler.engine().getSession() : null;
	}

	/**
	 * Returns the codec of this connection: what {@link MessageCodec#forConnection} made
	 * for it, by default the codec of the backend. Its methods are called on the event
	 * loop; what a login changes there must be safe for that, and must be changed while
	 * nothing is on its way that would be read otherwise. After the reply to the last
	 * message of the old kind is such a moment, if the peer then waits for us.
	 * @param <C> the type of the codec
	 * @param type the type of the codec
	 * @return the codec
	 * @throws IllegalStateException if it is of another type
	 */
	public <C> C codec(Class<C> type) {
		MessageCodec<M> codec = this.link.codec();
		if (!type.isInstance(codec)) {
			throw new IllegalStateException(
					"codec of %s: %s (expected: %s)".formatted(this.service, StandIn.nameOf(codec), type.getName()));
		}
		return type.cast(codec);
	}

	@Override
	public void send(M message) {
		requireAccepted(trySend(message));
	}

	@Override
	public SendResult trySend(M message) {
		return this.service.sender().trySend(this.service, openLink(), Objects.requireNonNull(message, "message"));
	}

	@Override
	public void sendBytes(byte[] bytes) {
		requireAccepted(trySendBytes(bytes));
	}

	@Override
	public SendResult trySendBytes(byte[] bytes) {
		return this.service.sender().trySend(this.service, openLink(), new OutboundMessage.Encoded(bytes));
	}

	@Override
	public CompletableFuture<M> request(M message, Duration timeout) {
		return this.service.sender().request(this.service, openLink(), message, timeout);
	}

	@Override
	public CompletableFuture<M> request(Object requestId, M message, Duration timeout) {
		return this.service.sender().request(this.service, openLink(), requestId, message, timeout);
	}

	@Override
	public boolean endWithoutReply(CompletableFuture<M> request) {
		return this.service.sender().endWithoutReply(this.service, request);
	}

	@Override
	public List<CompletableFuture<M>> submit(TcpBatch<M> batch) {
		return this.service.sender().submit(this.service, openLink(), batch);
	}

	/**
	 * Says that the handshake or login has succeeded: the service joins the rings.
	 * Without effect if this connection is gone: a late reply to its login does not make
	 * the next one ready. Needed if {@link TcpHandler#marksReady()}.
	 */
	public void markReady() {
		this.service.ready(this.link);
	}

	/**
	 * Closes this connection, and no later one. What was accepted by then is written, and
	 * nothing is accepted from it any more. A new connection follows after a back-off,
	 * when the callbacks of this one have returned. Without effect if it is gone.
	 * @param reason why, for logs and events
	 */
	public void close(String reason) {
		Objects.requireNonNull(reason, "reason");
		this.closed = true;
		this.service.close(this.link, reason);
	}

	Link<M> link() {
		return this.link;
	}

	private @Nullable Link<M> openLink() {
		return this.closed ? null : this.link;
	}

	private void requireAccepted(SendResult result) {
		if (!result.accepted()) {
			throw new SendRejectedException(result, this.service.sender().refusal(this.service, this.link, result),
					null);
		}
	}

	/**
	 * Returns the service and the two ends, for people.
	 * @return for example {@code game/game-1 at 10.0.0.5:7001 (/10.0.0.9:51324 ->
	 * /10.0.0.5:7001)}
	 */
	@Override
	public String toString() {
		return "%s (%s)".formatted(this.service, this.link.name());
	}

}
