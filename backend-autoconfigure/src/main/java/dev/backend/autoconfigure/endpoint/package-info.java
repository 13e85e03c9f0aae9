/**
 * The actuator endpoint that shows the backends and changes single services.
 */
@NullMarked
package dev.backend.autoconfigure.endpoint;

import org.jspecify.annotations.NullMarked;
