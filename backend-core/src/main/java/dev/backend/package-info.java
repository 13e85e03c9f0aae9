/**
 * The vocabulary that every part of the library shares: what an instance is
 * ({@link dev.backend.ServiceConfig}), how a call chooses one
 * ({@link dev.backend.Route}), how it ends, and the hooks
 * ({@link dev.backend.BackendListener}).
 */
@NullMarked
package dev.backend;

import org.jspecify.annotations.NullMarked;
