/**
 * Tests of what the protocols have in common about connections, and certificates for
 * tests.
 */
@NullMarked
package dev.backend.transport;

import org.jspecify.annotations.NullMarked;
