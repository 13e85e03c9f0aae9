/**
 * What happens to services, as Spring application events. They are published by the
 * backend's handler threads, never by an I/O thread, in order per service.
 */
@NullMarked
package dev.backend.autoconfigure.event;

import org.jspecify.annotations.NullMarked;
