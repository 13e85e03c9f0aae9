/**
 * The application that README.md shows. Its blocks of code stand in these files, and a
 * test runs them.
 */
@NullMarked
package dev.backend.autoconfigure.readme;

import org.jspecify.annotations.NullMarked;
