/**
 * Auto-configuration of where instances come from.
 */
@NullMarked
package dev.backend.autoconfigure.discovery;

import org.jspecify.annotations.NullMarked;
