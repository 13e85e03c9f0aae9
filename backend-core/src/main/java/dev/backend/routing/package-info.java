/**
 * Which instance owns a key: the {@link dev.backend.routing.ConsistentHash} algorithms,
 * immutable rings, and the table of a group that is swapped whole.
 */
@NullMarked
package dev.backend.routing;

import org.jspecify.annotations.NullMarked;
