/**
 * Auto-configuration of the registration of this application, so that others discover it.
 */
@NullMarked
package dev.backend.autoconfigure.registration;

import org.jspecify.annotations.NullMarked;
