/**
 * Faults in an application that has the whole starter.
 */
@NullMarked
package dev.backend.faults;

import org.jspecify.annotations.NullMarked;
