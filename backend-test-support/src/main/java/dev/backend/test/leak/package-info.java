/**
 * Finds buffers that were not released.
 */
@NullMarked
package dev.backend.test.leak;

import org.jspecify.annotations.NullMarked;
