/**
 * Faults of the network for tests.
 */
@NullMarked
package dev.backend.test.fault;

import org.jspecify.annotations.NullMarked;
