package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

import io.netty.channel.ChannelException;
import org.jspecify.annotations.Nullable;

/**
 * What the exceptions of HTTP clients say about a request, which differ by client. An
 * exception counts with its causes.
 */
final class ConnectFailures {

	/** More causes than any client makes. */
	private static final int MAXIMUM_DEPTH = 20;

	/** By its name: the client may not be there. */
	private static final String HTTP_COMPONENTS_TIMEOUT = "org.apache.hc.client5.http.ConnectTimeoutException";

	/**
	 * What says that a client has no connection to spare, by their simple names. The
	 * server knows nothing of that.
	 */
	private static final Set<String> POOL_IS_FULL = Set.of("ConnectionRequestTimeoutException",
			"PoolAcquireTimeoutException", "PoolAcquirePendingLimitException");

	/**
	 * The messages of the JDK's sockets and of Jetty; a time-out of reading is another.
	 */
	private static final Set<String> TIMEOUT_MESSAGES = Set.of("connect timed out", "connect timeout");

	private ConnectFailures() {
	}

	/**
	 * Returns whether there was no connection, so that nothing of a request was sent.
	 * What is not sure, such as a failed TLS handshake, is not that: since TLS 1.3 it may
	 * come after the request.
	 */
	static boolean is(Throwable failure) {
		return any(failure, ConnectFailures::isConnectFailure) && !isOwn(failure);
	}

	/**
	 * Returns whether a request failed for a reason of this side: its thread was
	 * interrupted, or it had no port or no connection to spare.
	 */
	static boolean isOwn(Throwable failure) {
		return any(failure, ConnectFailures::isOwnFailure);
	}

	private static boolean isConnectFailure(Throwable failure) {
		if (failure instanceof SocketTimeoutException) {
			return failure.getClass().getName().equals(HTTP_COMPONENTS_TIMEOUT)
					|| TIMEOUT_MESSAGES.contains(lowerCase(failure.getMessage()));
		}
		return failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException
				|| failure instanceof NoRouteToHostException || failure instanceof UnknownHostException
				|| failure instanceof UnresolvedAddressException || isUnreachable(failure);
	}

	/** The JDK has no class for it; an established connection fails in other ways. */
	private static boolean isUnreachable(Throwable failure) {
		return failure instanceof SocketException
				&& lowerCase(failure.getMessage()).startsWith("network is unreachable");
	}

	/**
	 * An {@link java.io.InterruptedIOException} alone says nothing: Apache's client has
	 * it for other things.
	 */
	private static boolean isOwnFailure(Throwable failure) {
		return failure instanceof InterruptedException || failure instanceof ClosedByInterruptException
				|| failure instanceof BindException || POOL_IS_FULL.contains(failure.getClass().getSimpleName())
				|| isInterrupted(failure);
	}

	/** As the JDK says it of a virtual thread. */
	private static boolean isInterrupted(Throwable failure) {
		return failure instanceof SocketException && lowerCase(failure.getMessage()).equals("closed by interrupt");
	}

	/**
	 * Whether a failure is one of the connection or of time, rather than of a program.
	 */
	static boolean isInputOrOutput(Throwable failure) {
		return any(failure, (cause) -> cause instanceof IOException || cause instanceof TimeoutException
				|| cause instanceof ChannelException || cause instanceof UnresolvedAddressException);
	}

	private static boolean any(Throwable failure, Predicate<Throwable> test) {
		Throwable cause = failure;
		for (int depth = 0; cause != null && depth < MAXIMUM_DEPTH; depth++) {
			if (test.test(cause)) {
				return true;
			}
			cause = cause.getCause();
		}
		return false;
	}

	private static String lowerCase(@Nullable String text) {
		return (text != null) ? text.toLowerCase(Locale.ROOT) : "";
	}

}
