/**
 * The gateway: what a user of the starter writes.
 */
@NullMarked
package dev.backend.sample.gateway;

import org.jspecify.annotations.NullMarked;
