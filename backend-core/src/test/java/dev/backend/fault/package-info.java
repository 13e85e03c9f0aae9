/**
 * Faults of the network for tests.
 */
@NullMarked
package dev.backend.fault;

import org.jspecify.annotations.NullMarked;
