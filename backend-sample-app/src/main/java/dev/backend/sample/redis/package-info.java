/**
 * The Redis that the sample brings along.
 */
@NullMarked
package dev.backend.sample.redis;

import org.jspecify.annotations.NullMarked;
