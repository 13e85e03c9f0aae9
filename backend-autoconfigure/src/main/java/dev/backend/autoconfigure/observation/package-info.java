/**
 * Observations of requests and handlers, from which tracers make spans.
 */
@NullMarked
package dev.backend.autoconfigure.observation;

import org.jspecify.annotations.NullMarked;
