/**
 * The game servers behind the gateway, here in the same process so that one command
 * runs\n * all. They share nothing with the gateway but Redis and the protocol.
 */
@NullMarked
package dev.backend.sample.server;

import org.jspecify.annotations.NullMarked;
