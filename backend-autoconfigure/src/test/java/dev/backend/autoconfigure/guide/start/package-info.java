/**
 * The application that docs/getting-started.md builds. Its blocks of code stand in these
 * files, and tests run them.
 */
@NullMarked
package dev.backend.autoconfigure.guide.start;

import org.jspecify.annotations.NullMarked;
