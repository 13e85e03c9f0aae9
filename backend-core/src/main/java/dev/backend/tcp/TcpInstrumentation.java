package dev.backend.tcp;

import dev.backend.codec.MessageCodec;
import org.jspecify.annotations.Nullable;

/**
 * Observes what a backend does, such as for traces. Asked once for each backend, when it
 * is built.
 *
 * @see TcpBackend.Builder#instrumentation(TcpInstrumentation)
 */
public interface TcpInstrumentation {

	/**
	 * Wraps the handler of a backend.
	 * @param <M> the type of the messages
	 * @param codec the codec of the backend
	 * @param handler the handler
	 * @return what is called in its place, by default the handler itself
	 */
	default <M> TcpHandler<M> instrument(MessageCodec<M> codec, TcpHandler<M> handler) {
		return handler;
	}

	/**
	 * Returns what is told of every request of a backend.
	 * @param <M> the type of the messages
	 * @param codec the codec of the backend
	 * @return the observer, by default {@code null} for none
	 */
	default <M> @Nullable RequestObserver<M> requestObserver(MessageCodec<M> codec) {
		return null;
	}

}
