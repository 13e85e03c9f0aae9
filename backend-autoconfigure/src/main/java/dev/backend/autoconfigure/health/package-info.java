/**
 * The health of the backends and of their registry.
 */
@NullMarked
package dev.backend.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
