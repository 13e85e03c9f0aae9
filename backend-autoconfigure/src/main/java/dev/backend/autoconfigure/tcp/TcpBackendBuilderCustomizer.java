package dev.backend.autoconfigure.tcp;

import dev.backend.tcp.TcpBackend;

/**
 * Changes the builder of every {@link TcpBackend} after the properties were applied. As a
 * bean; several are called in order.
 */
@FunctionalInterface
public interface TcpBackendBuilderCustomizer {

	/**
	 * Changes a builder.
	 * @param builder the builder
	 */
	void customize(TcpBackend.Builder builder);

}
