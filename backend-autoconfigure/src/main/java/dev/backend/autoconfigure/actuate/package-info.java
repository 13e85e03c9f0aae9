/**
 * How operations look into the backends: health and the endpoint {@code backends}.
 */
@NullMarked
package dev.backend.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
