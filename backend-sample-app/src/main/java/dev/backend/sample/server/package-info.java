/**
 * The servers behind the gateway, here in the same process so that one command runs all.
 * They share nothing with the gateway but the registry and the protocol.
 */
@NullMarked
package dev.backend.sample.server;

import org.jspecify.annotations.NullMarked;
