/**
 * What a user would write for a protocol, with nothing but the public API, tried against
 * servers of that protocol.
 */
@NullMarked
package dev.backend.protocol;

import org.jspecify.annotations.NullMarked;
