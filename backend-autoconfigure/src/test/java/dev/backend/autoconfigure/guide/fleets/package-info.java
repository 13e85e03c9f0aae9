/**
 * The application of docs/fleets.md. Its blocks of code stand in these files, and a test
 * runs them.
 */
@NullMarked
package dev.backend.autoconfigure.guide.fleets;

import org.jspecify.annotations.NullMarked;
