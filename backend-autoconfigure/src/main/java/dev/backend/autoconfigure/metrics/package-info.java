/**
 * The meters of the backends, with Micrometer.
 */
@NullMarked
package dev.backend.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
