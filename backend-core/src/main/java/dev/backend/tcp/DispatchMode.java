package dev.backend.tcp;

/**
 * In which order the messages of one service reach {@link TcpHandler#onMessage}. Whatever
 * the mode, {@link TcpHandler#onConnected} is done before the first message of its
 * connection, and {@link TcpHandler#onDisconnected} comes after the last.
 */
public enum DispatchMode {

	/** One after another, in the order of their arrival. */
	ORDERED,

	/**
	 * Messages with equal {@link dev.backend.codec.MessageCodec#orderKey keys} one after
	 * another, in the order of their arrival; others at the same time.
	 */
	ORDERED_BY_KEY,

	/** At the same time, in no particular order. */
	CONCURRENT

}
