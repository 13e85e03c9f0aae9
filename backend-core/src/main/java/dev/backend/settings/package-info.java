/**
 * What the settings of every part share: their checks, with one message for all, and the
 * delays between attempts. Knows nothing of the other packages.
 */
@NullMarked
package dev.backend.settings;

import org.jspecify.annotations.NullMarked;
