/**
 * What the protocols have in common about connections: whom a peer must prove to be, and
 * failures in plain words.
 */
@NullMarked
package dev.backend.transport;

import org.jspecify.annotations.NullMarked;
