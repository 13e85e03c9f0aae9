/**
 * What the protocols and the registries have in common about connections: whom a peer
 * must prove to be, a client for single questions, and failures in plain words.
 */
@NullMarked
package dev.backend.transport;

import org.jspecify.annotations.NullMarked;
