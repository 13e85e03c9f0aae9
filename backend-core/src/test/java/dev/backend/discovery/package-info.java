@NullMarked
package dev.backend.discovery;

import org.jspecify.annotations.NullMarked;
