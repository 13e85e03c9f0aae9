package dev.backend;

/**
 * No reply will come to a request, and that is as it should be: the codec of its
 * connection has learnt so, or its caller has said so. The server may have acted on it.
 *
 * @see dev.backend.codec.MessageCodec#unanswered
 * @see dev.backend.tcp.TcpSender#endWithoutReply
 */
public class NoReplyException extends BackendException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message the service, and who said so
	 */
	public NoReplyException(String message) {
		super(message, null);
	}

}
