/**
 * A gateway in front of three game servers: what an application with the starter looks
 * like.
 */
@NullMarked
package dev.backend.sample;

import org.jspecify.annotations.NullMarked;
