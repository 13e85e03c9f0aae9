/**
 * How the engine logs what fails: so many lines a minute, and nothing in them that a peer
 * has forged.
 */
@NullMarked
package dev.backend.logging;

import org.jspecify.annotations.NullMarked;
