/**
 * What stands between a source and a backend, for safety: an allow-list of addresses, and
 * a file for a start without the registry.
 */
@NullMarked
package dev.backend.discovery.guard;

import org.jspecify.annotations.NullMarked;
