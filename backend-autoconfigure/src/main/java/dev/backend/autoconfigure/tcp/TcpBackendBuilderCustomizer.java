package dev.backend.autoconfigure.tcp;

import dev.backend.tcp.TcpBackend;

/**
 * Changes the builder of every {@link TcpBackend} after the properties were applied. As a
 * bean; several are called in order. One whose qualifier or name is that of a fleet is
 * for that fleet alone.
 */
@FunctionalInterface
public interface TcpBackendBuilderCustomizer {

	/**
	 * Changes a builder.
	 * @param builder the builder
	 */
	void customize(TcpBackend.Builder builder);

}
