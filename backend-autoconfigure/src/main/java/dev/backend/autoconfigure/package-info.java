/**
 * The Spring Boot side of the library: what is wrong with a configuration is told by a
 * {@link dev.backend.autoconfigure.BackendConfigurationException}; the parts are in the
 * packages below.
 */
@NullMarked
package dev.backend.autoconfigure;

import org.jspecify.annotations.NullMarked;
