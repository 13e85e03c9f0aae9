/**
 * What the builders of all backends are given, whatever their protocol.
 */
@NullMarked
package dev.backend.autoconfigure.fleet;

import org.jspecify.annotations.NullMarked;
