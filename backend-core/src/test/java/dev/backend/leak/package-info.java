/**
 * Finds buffers that were not released.
 */
@NullMarked
package dev.backend.leak;

import org.jspecify.annotations.NullMarked;
