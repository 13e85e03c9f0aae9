/**
 * The protocol that the gateway and the game servers speak.
 */
@NullMarked
package dev.backend.sample.protocol;

import org.jspecify.annotations.NullMarked;
