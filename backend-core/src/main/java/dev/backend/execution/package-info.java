/**
 * What runs things: tasks in order and beside each other, permits, delays between
 * attempts, named threads. Knows nothing of the other packages.
 */
@NullMarked
package dev.backend.execution;

import org.jspecify.annotations.NullMarked;
