package dev.backend.autoconfigure.http;

import dev.backend.http.HttpBackend;

/**
 * Changes the builder of every {@link HttpBackend} after the properties were applied. As
 * a bean; several are called in order.
 */
@FunctionalInterface
public interface HttpBackendBuilderCustomizer {

	/**
	 * Changes a builder.
	 * @param builder the builder
	 */
	void customize(HttpBackend.Builder builder);

}
