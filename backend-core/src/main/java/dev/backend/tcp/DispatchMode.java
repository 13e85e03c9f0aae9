package dev.backend.tcp;

/**
 * In which order the messages of one service reach {@link TcpHandler#onMessage}. Whatever
 * the mode, {@link TcpHandler#onConnected} is done before the first message of its
 * connection begins, and {@link TcpHandler#onDisconnected} begins when the last one is
 * done. No other callback runs beside these two, nor beside the hooks that tell of them.
 * The bound of arrived messages applies in every mode, to those that wait and those that
 * run together; it is also how many may run at the same time.
 *
 * <p>
 * A change while running applies from the next message on. What has arrived before keeps
 * the order that it had: an ordered message waits for all before it, and all after it
 * wait for it.
 */
public enum DispatchMode {

	/**
	 * One after another, in the order of their arrival, and never beside another callback
	 * of the service.
	 */
	ORDERED,

	/**
	 * Messages with equal {@link dev.backend.codec.MessageCodec#orderKey keys} one after
	 * another, in the order of their arrival; others, and those without a key, at the
	 * same time. A message whose key throws runs alone, after all that arrived before it
	 * and before all that arrive after it; this is logged, and counted as a failure of
	 * the handler. Ticks may run beside messages, but not beside each other.
	 */
	ORDERED_BY_KEY,

	/**
	 * At the same time, in no particular order. Ticks may run beside messages, but not
	 * beside each other.
	 */
	CONCURRENT

}
