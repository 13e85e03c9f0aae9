/**
 * What the guides in docs show. Their blocks of code stand in these files.
 */
@NullMarked
package dev.backend.autoconfigure.guide;

import org.jspecify.annotations.NullMarked;
