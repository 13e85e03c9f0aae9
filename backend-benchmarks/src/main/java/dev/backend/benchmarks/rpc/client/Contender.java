package dev.backend.benchmarks.rpc.client;

import java.net.InetSocketAddress;

/**
 * A client under measurement. A process loads one implementation only, so every call site
 * of this interface has one target and is compiled as a direct call. An implementation
 * offers what the works it is entered for need; the rest throws
 * {@link UnsupportedOperationException}.
 */
public interface Contender extends AutoCloseable {

	/**
	 * Opens the one connection that requests and one-way messages use.
	 * @param server the server
	 * @throws Exception if that fails
	 */
	default void connect(InetSocketAddress server) throws Exception {
		throw new UnsupportedOperationException("connect");
	}

	/**
	 * Sends a request without waiting. Called by one driver thread.
	 * @param body the body, not to be changed
	 * @param callback told how it ended
	 */
	default void request(byte[] body, ReplyCallback callback) {
		throw new UnsupportedOperationException("request with a callback");
	}

	/**
	 * Sends a request and waits for the reply. Called by many threads.
	 * @param body the body, not to be changed
	 * @return the body of the reply
	 * @throws Exception if the request fails
	 */
	default byte[] request(byte[] body) throws Exception {
		throw new UnsupportedOperationException("request");
	}

	/**
	 * Sends a message that has no reply; returns once it is queued. Called by one driver
	 * thread, which never has more than 16,384 messages on the way.
	 * @param body the body, not to be changed
	 */
	default void send(byte[] body) {
		throw new UnsupportedOperationException("send");
	}

	/**
	 * Opens further connections that stand idle, without what their owner keeps to choose
	 * among them.
	 * @param server the server
	 * @param count how many
	 * @throws Exception if that fails
	 */
	default void connectIdle(InetSocketAddress server, int count) throws Exception {
		connectMany(server, count);
	}

	/**
	 * Opens further connections, for {@link #broadcast}.
	 * @param server the server
	 * @param count how many
	 * @throws Exception if that fails
	 */
	default void connectMany(InetSocketAddress server, int count) throws Exception {
		throw new UnsupportedOperationException("connectMany");
	}

	/**
	 * Sends a message that has no reply to every connection; returns once it is queued.
	 * Called by one driver thread.
	 * @param body the body, not to be changed
	 */
	default void broadcast(byte[] body) {
		throw new UnsupportedOperationException("broadcast");
	}

	/**
	 * Names the transport really in use, for the report.
	 * @return such as {@code epoll}
	 */
	String transport();

	@Override
	void close();

}
